"""The joins of TPC-DS and TPC-H's queries as sqlglot's optimiser resolves them: a judge of ours, and a pace to beat.

    python -m venv v && v/bin/pip install -r sqlglot-requirements.txt
    v/bin/python sqlglot_joins.py fetch FOLDER       # queries and schema, out of sqlglot's source package on PyPI
    v/bin/python sqlglot_joins.py reference FOLDER   # FOLDER/reference.jsonl
    cargo run --release -p catalog-querylog --example query_log joins FOLDER > FOLDER/ours.jsonl
    v/bin/python sqlglot_joins.py score FOLDER       # precision and recall over the pairs of each query
    v/bin/python sqlglot_joins.py speed FOLDER 3     # queries a CPU second; ours: `query_log speed FOLDER 30`

A pair is two columns of base tables that an equality compares (in WHERE, ON, HAVING, IN (SELECT ...), USING), seen
through casts and functions that keep a value recognisable, traced through subqueries, common table expressions and the
branches of set operations.
"""

import ast
import json
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

TRANSPARENT = (
    exp.Cast, exp.TryCast, exp.Lower, exp.Upper, exp.Trim, exp.Coalesce, exp.Nullif, exp.Pad, exp.Date, exp.Paren,
    exp.TsOrDsToDate,
)


def fetch(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        wanted = f"sqlglot=={sqlglot.__version__}"
        command = ["pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", temporary, wanted]
        subprocess.run([sys.executable, "-m", *command], check=True)
        archive = tarfile.open(next(Path(temporary).glob("*.tar.gz")))
        root = archive.getnames()[0].split("/")[0]

        def member(path):
            return archive.extractfile(f"{root}/tests/{path}").read().decode()

        schemas = literals(member("helpers.py"))
        schema = {}
        rows = []
        for suite, name in (("tpc-ds", "TPCDS_SCHEMA"), ("tpc-h", "TPCH_SCHEMA")):
            schema[suite] = schemas[name]
            # The file holds pairs: a query, and what the optimiser makes of it.
            statements = [s for s in split(member(f"fixtures/optimizer/{suite}/{suite}.sql")) if s]
            rows += [{"name": f"{suite}-{i // 2 + 1}", "sql": s} for i, s in enumerate(statements) if i % 2 == 0]
    for suite in schema:
        part = folder / suite
        part.mkdir(exist_ok=True)
        (part / "schema.json").write_text(json.dumps(schema[suite]))
        lines = [json.dumps(row) for row in rows if row["name"].startswith(suite + "-")]
        (part / "queries.jsonl").write_text("\n".join(lines) + "\n")
        print(suite, len(lines), "queries")


def literals(source):
    """The constants of a module, read without running it."""
    assigned = [node for node in ast.parse(source).body if isinstance(node, ast.Assign)]
    return {node.targets[0].id: ast.literal_eval(node.value) for node in assigned if isinstance(node.value, ast.Dict)}


def split(text):
    text = "\n".join(line for line in text.splitlines() if not line.startswith(("--", "#")))
    return [statement.strip() for statement in text.split(";")]


def load(folder):
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text().splitlines()]
    return queries, json.loads((folder / "schema.json").read_text())


def pairs_of(sql, schema):
    tree = sqlglot.parse_one(sql, read="trino")
    tree = qualify(tree, schema=schema, dialect="trino", quote_identifiers=False, validate_qualify_columns=False)
    scopes = list(traverse_scope(tree))
    found = set()
    for scope in scopes:
        for node in scope.find_all(exp.EQ, exp.NullSafeEQ, exp.In):
            if negated(node):
                continue
            if isinstance(node, exp.In):
                query = node.args.get("query")
                if query is None:
                    continue
                inner = next(s for s in scopes if s.expression is unwrap(query))
                record(found, origins(node.this, scope, scopes), outputs(inner, 0))
                continue
            left, right = unwrap_value(node.left), unwrap_value(node.right)
            for value, query in ((left, right), (right, left)):
                if isinstance(query, (exp.Subquery, exp.Select, exp.SetOperation)):
                    inner = next((s for s in scopes if s.expression is unwrap(query)), None)
                    if inner is not None:
                        record(found, origins(value, scope, scopes), outputs(inner, 0))
                    break
            else:
                if sources(left) != sources(right):
                    record(found, origins(left, scope, scopes), origins(right, scope, scopes))
    return sorted(found)


def negated(node):
    """Under NOT an equality joins nothing; NOT IN still compares the two columns."""
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return isinstance(parent, exp.Not) and not isinstance(node, exp.In)


def unwrap(query):
    while isinstance(query, (exp.Subquery, exp.Paren)):
        query = query.this
    return query


def unwrap_value(node):
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def sources(node):
    column = see_through(node)
    return column.table if column is not None else None


def see_through(node):
    while isinstance(node, TRANSPARENT):
        node = node.this
    return node if isinstance(node, exp.Column) else None


def origins(node, scope, scopes):
    """The base columns that a value comes from."""
    column = see_through(node)
    if column is None:
        return set()
    around = scope
    while around is not None:
        source = around.sources.get(column.table)
        if isinstance(source, exp.Table):
            return {f"{source.name}.{column.name}".lower()}
        if isinstance(source, Scope):
            return named_output(source, column.name)
        around = around.parent
    return set()


def named_output(scope, name):
    first = scope
    while first.set_operation_scopes:
        first = first.set_operation_scopes[0]
    names = list(scope.outer_columns) or first.expression.named_selects
    return outputs(scope, names.index(name)) if name in names else set()


def outputs(scope, index):
    if scope.set_operation_scopes:
        return set().union(*(outputs(part, index) for part in scope.set_operation_scopes))
    selects = scope.expression.selects
    return origins(selects[index].unalias(), scope, []) if index < len(selects) else set()


def record(found, lefts, rights):
    for left in lefts:
        for right in rights:
            if left != right:
                found.add(tuple(sorted((left, right))))


def reference(folder):
    queries, schema = load(folder)
    with open(folder / "reference.jsonl", "w") as out:
        for query in queries:
            out.write(json.dumps({"name": query["name"], "pairs": pairs_of(query["sql"], schema)}) + "\n")


def score(folder):
    def read(name):
        rows = (json.loads(line) for line in (folder / name).read_text().splitlines())
        return {row["name"]: row for row in rows}

    ours, theirs = read("ours.jsonl"), read("reference.jsonl")
    both = only_ours = only_theirs = 0
    for name, row in theirs.items():
        a = {tuple(pair) for pair in ours[name]["pairs"]}
        b = {tuple(pair) for pair in row["pairs"]}
        both, only_ours, only_theirs = both + len(a & b), only_ours + len(a - b), only_theirs + len(b - a)
        for mark, rest in (("+", a - b), ("-", b - a)):
            for pair in sorted(rest):
                print(f"{name} {mark} {' = '.join(pair)}")
    parsed = sum(not row["skipped"] for row in ours.values())
    print(f"{folder.name}: parsed {parsed} of {len(ours)}, {both + only_theirs} pairs, "
          f"precision {both / max(1, both + only_ours):.4f}, recall {both / max(1, both + only_theirs):.4f}")


def speed(folder, passes):
    queries, schema = load(folder)

    def syntax(sql):
        tree = sqlglot.parse_one(sql, read="trino")
        return [len(list(tree.find_all(kind))) for kind in (exp.EQ, exp.Table, exp.Where, exp.Select)]

    compiled = str(sys.modules["sqlglot.parser"].__file__).endswith(".so")
    work = {"parse and find equalities, tables, filters, selects": syntax,
            "the same extraction as ours": lambda sql: pairs_of(sql, schema)}
    for what, run in work.items():
        # Processor time: on a busy machine the clock tells little.
        start = time.process_time()
        for _ in range(passes):
            for query in queries:
                run(query["sql"])
        seconds = time.process_time() - start
        count = passes * len(queries)
        print(json.dumps({"what": what, "compiled": compiled, "queries": count, "cpu_seconds": round(seconds, 2),
                          "queries_per_cpu_second": round(count / seconds, 1)}))


if __name__ == "__main__":
    verb, target = sys.argv[1], Path(sys.argv[2])
    if verb == "fetch":
        fetch(target)
    elif verb == "reference":
        reference(target)
    elif verb == "score":
        score(target)
    elif verb == "speed":
        speed(target, int(sys.argv[3]))
    else:
        sys.exit(__doc__)
