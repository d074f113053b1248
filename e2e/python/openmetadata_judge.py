"""Holds a table, its lineage and its suggestions to OpenMetadata's own models, which forbid unknown members.

Arguments: the server's URL, a file with a bearer token, the full names of two tables and of a query. Prints one JSON
object of what the first table shows, of the second's suggestions, and of the query.
"""

import json
import sys
import urllib.parse
import urllib.request

from metadata.generated.schema.entity.data.query import Query
from metadata.generated.schema.entity.data.table import Table
from metadata.generated.schema.entity.feed.suggestion import Suggestion
from metadata.generated.schema.type.entityLineage import EntityLineage


def main(url, token_file, table_name, other_name, query_name):
    with open(token_file, encoding="utf-8") as file:
        headers = {"Authorization": f"Bearer {file.read().strip()}"}

    def read(path):
        request = urllib.request.Request(f"{url}/api/v1/{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    quoted = urllib.parse.quote(table_name, safe="")
    table = read(f"tables/name/{quoted}?fields=columns,tags,tableConstraints,usageSummary")
    Table.model_validate(table)
    lineage = read(f"lineage/table/name/{quoted}?upstreamDepth=1&downstreamDepth=0")
    EntityLineage.model_validate(lineage)
    other = urllib.parse.quote(other_name, safe="")
    suggestions = read(f"suggestions?entityFQN={other}&status=Open&limit=100")["data"]
    for suggestion in suggestions:
        Suggestion.model_validate(suggestion)

    query = read(f"queries/name/{urllib.parse.quote(query_name, safe='')}?fields=queryUsedIn")
    Query.model_validate(query)
    listed = read(f"queries?entityId={table['id']}&limit=100")["data"]
    for shown in listed:
        Query.model_validate(shown)

    def tags(entity):
        return sorted(label["tagFQN"] for label in entity.get("tags", []))

    print(
        json.dumps(
            {
                "description": table["description"],
                "tags": tags(table),
                "column_tags": {column["name"]: tags(column) for column in table["columns"]},
                "referred": table["tableConstraints"][0]["referredColumns"],
                "lineage_columns": len(lineage["upstreamEdges"][0]["lineageDetails"]["columnsLineage"]),
                "open_suggestions": len(suggestions),
                "query": {
                    "text": query["query"],
                    "question": query["description"],
                    "used_in": sorted(used["name"] for used in query["queryUsedIn"]),
                    "listed": len(listed),
                },
            }
        )
    )


main(*sys.argv[1:6])
