"""Drives a Milvus server as the index does: usage `milvus_collection.py URL COLLECTION`.

Prints one JSON object of what was seen. The collection must not exist; it is dropped at the end, also after a failure.
"""

import json
import sys

from pymilvus import DataType, MilvusClient

DIMENSION = 768


def unit(axis, tilt=0.0):
    """A vector along one axis, leaning a little towards the next."""
    vector = [0.0] * DIMENSION
    vector[axis] = 1.0
    vector[axis + 1] = tilt
    return vector


def row(axis, name):
    return {
        "id": f"00000000-0000-0000-0000-{axis:012d}",
        "fqn": f"bank.core.public.{name}",
        "text": f"The table {name}.",
        "embedding": unit(axis),
        "meta": {"owner": "alice", "tier": axis},
    }


def create(client, collection):
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=64)
    schema.add_field("fqn", DataType.VARCHAR, max_length=1024)
    schema.add_field("text", DataType.VARCHAR, max_length=65535)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=DIMENSION)
    schema.add_field("meta", DataType.JSON)
    index = client.prepare_index_params()
    index.add_index(field_name="embedding", index_type="AUTOINDEX", metric_type="COSINE")
    client.create_collection(collection, schema=schema, index_params=index)
    client.load_collection(collection)


def count(client, collection):
    return client.query(collection, filter="", output_fields=["count(*)"])[0]["count(*)"]


def search(client, collection, vector, condition=""):
    hits = client.search(
        collection, data=[vector], anns_field="embedding", limit=3, filter=condition, output_fields=["fqn", "meta"]
    )[0]
    return [{"fqn": h["entity"]["fqn"], "meta": h["entity"]["meta"], "score": h["distance"]} for h in hits]


def exchange(client, collection):
    seen = {"server": client.get_server_version()}
    create(client, collection)
    rows = [row(axis, name) for axis, name in enumerate(["loans", "accounts", "clients"])]
    client.upsert(collection, rows)
    client.upsert(collection, rows)  # The second one replaces.
    client.flush(collection)
    seen["count"] = count(client, collection)
    seen["nearest"] = search(client, collection, unit(0, tilt=0.2))
    seen["filtered"] = search(client, collection, unit(0), 'meta["tier"] >= 2')
    client.delete(collection, ids=[rows[0]["id"]])
    seen["after_delete"] = search(client, collection, unit(0, tilt=0.2))
    try:
        client.upsert(collection, [{**rows[1], "embedding": [1.0, 0.0]}])
        seen["short_vector"] = "taken"
    except Exception as error:
        seen["short_vector"] = f"refused: {type(error).__name__}"
    return seen


def main():
    url, collection = sys.argv[1:]
    client = MilvusClient(uri=url, timeout=30)
    if client.has_collection(collection):
        sys.exit(f"the collection {collection} exists: it may be somebody's")
    try:
        seen = exchange(client, collection)
    finally:
        client.drop_collection(collection)
    seen["dropped"] = not client.has_collection(collection)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
