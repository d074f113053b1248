"""Does to a Milvus server what other clients do: usage `milvus_admin.py URL COMMAND NAME…`.

- `drop PREFIX`: drops every collection whose name starts so, with its aliases;
- `foreign NAME`: makes a collection keyed by the table's name, as another indexer would, with one row;
- `release NAME`: takes the collection out of memory, as a restart of the server does;
- `names NAME`: prints the names in the collection as a JSON list.
"""

import json
import sys

from pymilvus import DataType, MilvusClient


def drop(client, prefix):
    for name in client.list_collections():
        if name.startswith(prefix):
            for alias in client.list_aliases(name)["aliases"]:
                client.drop_alias(alias)
            client.drop_collection(name)


def foreign(client, name):
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("fqn", DataType.VARCHAR, is_primary=True, max_length=512)
    schema.add_field("text", DataType.VARCHAR, max_length=64)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=3)
    schema.add_field("meta", DataType.JSON)
    index = client.prepare_index_params()
    index.add_index(field_name="embedding", index_type="AUTOINDEX", metric_type="COSINE")
    client.create_collection(name, schema=schema, index_params=index)
    row = {"fqn": "bank.main.theirs", "text": "Theirs.", "embedding": [0.0, 0.0, 1.0], "meta": {"owner": "other"}}
    client.upsert(name, [row])


def names(client, name):
    client.load_collection(name)
    rows = client.query(name, filter='fqn != ""', output_fields=["fqn"])
    print(json.dumps(sorted(row["fqn"] for row in rows)))


def main():
    url, command, name = sys.argv[1:]
    client = MilvusClient(uri=url, timeout=30)
    {"drop": drop, "foreign": foreign, "release": MilvusClient.release_collection, "names": names}[command](client, name)


if __name__ == "__main__":
    main()
