"""Peers of the key search; each prints one line of JSON.

ensemble FILE      datasketch's MinHash LSH Ensemble over columns of 100 hashes, 800 bytes a column (MIT)
inclusions FOLDER  desbordante's SPIDER and FAIDA over CSV files (AGPL: run, never linked)
"""

import glob
import json
import resource
import sys
import time

KEYS = {
    ("nation", "n_regionkey", "region", "r_regionkey"),
    ("supplier", "s_nationkey", "nation", "n_nationkey"),
    ("customer", "c_nationkey", "nation", "n_nationkey"),
    ("partsupp", "ps_partkey", "part", "p_partkey"),
    ("partsupp", "ps_suppkey", "supplier", "s_suppkey"),
    ("orders", "o_custkey", "customer", "c_custkey"),
    ("lineitem", "l_orderkey", "orders", "o_orderkey"),
    ("lineitem", "l_partkey", "part", "p_partkey"),
    ("lineitem", "l_suppkey", "supplier", "s_suppkey"),
}


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def timed(work):
    start, start_cpu = time.perf_counter(), cpu()
    result = work()
    return result, round(time.perf_counter() - start, 2), round(cpu() - start_cpu, 2)


def ensemble(file):
    import numpy
    from datasketch import MinHash, MinHashLSHEnsemble

    hashes = 100
    rows = numpy.fromfile(file, dtype="<i8").reshape(-1, hashes)
    columns = len(rows)

    def sketch():
        made = []
        for row in rows:
            minhash = MinHash(num_perm=128)
            minhash.update_batch([value.tobytes() for value in row])
            made.append(minhash)
        return made

    def index():
        lsh = MinHashLSHEnsemble(threshold=0.8, num_perm=128, num_part=16)
        lsh.index((number, minhash, hashes) for number, minhash in enumerate(sketches))
        return lsh

    asked = range(0, columns, max(1, columns // 1000))

    def query():
        return {child: set(lsh.query(sketches[child], hashes)) - {child} for child in asked}

    sketches, sketch_seconds, sketch_cpu = timed(sketch)
    lsh, index_seconds, index_cpu = timed(index)
    found, query_seconds, query_cpu = timed(query)
    expected = right = given = 0
    for child, parents in found.items():
        # The generator shares values within groups of ten alone.
        first = child // 10 * 10
        group = range(first, min(first + 10, columns))
        own = set(rows[child].tolist())
        true = {p for p in group if p != child and len(own & set(rows[p].tolist())) >= 80}
        expected, right, given = expected + len(true), right + len(true & parents), given + len(parents)
    scale = columns / len(asked)
    print(json.dumps({
        "peer": "datasketch 2.0.0 MinHashLSHEnsemble", "columns": columns,
        "sketch_seconds": sketch_seconds, "sketch_cpu": sketch_cpu,
        "index_seconds": index_seconds, "index_cpu": index_cpu,
        "query_all_seconds": round(query_seconds * scale, 2), "query_all_cpu": round(query_cpu * scale, 2),
        "queries_run": len(asked), "recall": round(right / max(expected, 1), 4),
        "precision": round(right / max(given, 1), 4), "peak_mib": peak_mib(),
    }))


def inclusions(folder, name):
    import desbordante

    files = sorted(glob.glob(folder + "/*.csv"))
    algorithm = getattr(desbordante.ind.algorithms, name)()

    def run():
        algorithm.load_data(tables=[(file, ",", True) for file in files])
        algorithm.execute(**({"max_arity": 1} if name == "Faida" else {}))
        return algorithm.get_inds()

    found, seconds, cpu_seconds = timed(run)
    pairs = set()
    for ind in found:
        sides = []
        for side in (ind.get_lhs(), ind.get_rhs()):
            table = files[side.table_index]
            with open(table) as text:
                column = text.readline().strip().split(",")[side.column_indices[0]]
            sides += [table.rsplit("/", 1)[1].removesuffix(".csv"), column]
        pairs.add(tuple(sides))
    print(json.dumps({
        "peer": "desbordante 2.5.0 " + name, "seconds": seconds, "cpu_seconds": cpu_seconds,
        "inclusions": len(pairs), "true_keys": len(pairs & KEYS), "peak_mib": peak_mib(),
    }))


if __name__ == "__main__":
    verb, path, *rest = sys.argv[1:]
    if verb == "ensemble":
        ensemble(path)
    else:
        inclusions(path, rest[0])
