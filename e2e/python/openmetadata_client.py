"""Drives an OpenMetadata server with OpenMetadata's own client, and judges its answers by its own models.

Arguments: the server's URL, a file with a bearer token, a name for what is made (and deleted again). Prints one JSON
object of what was seen.
"""

import json
import sys
import time

from metadata.generated.schema.api.classification.createClassification import CreateClassificationRequest
from metadata.generated.schema.api.classification.createTag import CreateTagRequest
from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
from metadata.generated.schema.api.data.createTable import CreateTableRequest
from metadata.generated.schema.api.services.createDatabaseService import CreateDatabaseServiceRequest
from metadata.generated.schema.entity.classification.classification import Classification
from metadata.generated.schema.entity.classification.tag import Tag
from metadata.generated.schema.entity.data.database import Database
from metadata.generated.schema.entity.data.databaseSchema import DatabaseSchema
from metadata.generated.schema.entity.data.table import Column, DataType, Table
from metadata.generated.schema.entity.feed import suggestion as suggestions
from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
    AuthProvider,
    OpenMetadataConnection,
)
from metadata.generated.schema.entity.services.databaseService import DatabaseService, DatabaseServiceType
from metadata.generated.schema.events.eventSubscription import EventSubscription
from metadata.generated.schema.security.client.openMetadataJWTClientConfig import OpenMetadataJWTClientConfig
from metadata.generated.schema.type.changeEvent import ChangeEvent
from metadata.generated.schema.type.entityHistory import EntityVersionHistory
from metadata.generated.schema.type.entityLineage import EntityLineage
from metadata.generated.schema.type.tagLabel import LabelType, State, TagFQN, TagLabel, TagSource
from metadata.ingestion.models.table_metadata import ColumnDescription, ColumnTag
from metadata.ingestion.ometa.client import APIError
from metadata.ingestion.ometa.ometa_api import OpenMetadata
from pydantic import ValidationError
from requests import HTTPError


def connect(url, token):
    return OpenMetadata(
        OpenMetadataConnection(
            hostPort=f"{url}/api",
            authProvider=AuthProvider.openmetadata,
            securityConfig=OpenMetadataJWTClientConfig(jwtToken=token),
            # The client and the server that is judged may be of different ages.
            enableVersionValidation=False,
        )
    )


class Judge:
    """Reads raw answers and holds them to the published models, which forbid members that they do not know."""

    def __init__(self, rest):
        self.rest = rest
        self.validated = {}

    def read(self, model, path, pick=lambda body: [body]):
        """The bodies of one answer, each valid; an answer without any is an error."""
        found = pick(self.rest.get(path))
        assert found, f"{path} gave nothing to judge"
        for body in found:
            model.model_validate(body)
        self.validated[model.__name__] = self.validated.get(model.__name__, 0) + len(found)
        return found


def data(body):
    return body["data"]


def make_tables(om, name):
    """A service with two related tables, registered by the client."""
    service = om.create_or_update(
        CreateDatabaseServiceRequest(name=name, serviceType=DatabaseServiceType.Trino)
    )
    database = om.create_or_update(CreateDatabaseRequest(name="lake", service=service.fullyQualifiedName))
    schema = om.create_or_update(CreateDatabaseSchemaRequest(name="sales", database=database.fullyQualifiedName))

    def table(table_name, columns):
        request = CreateTableRequest(name=table_name, databaseSchema=schema.fullyQualifiedName, columns=columns)
        return om.create_or_update(request)

    nested = Column(name="attrs", dataType=DataType.STRUCT, dataTypeDisplay="struct<a:int>",
                    children=[Column(name="a", dataType=DataType.INT)])
    customers = table("customers", [Column(name="id", dataType=DataType.BIGINT)])
    orders = table("orders", [
        Column(name="id", dataType=DataType.BIGINT),
        Column(name="customer_id", dataType=DataType.BIGINT),
        Column(name="email", dataType=DataType.VARCHAR, dataLength=255),
        nested,
    ])
    table("odd.name v2", [Column(name="c.1", dataType=DataType.INT)])
    return service, customers, orders


def label(tag):
    return TagLabel(tagFQN=TagFQN(tag), source=TagSource.Classification, labelType=LabelType.Automated,
                    state=State.Suggested)


def write(om, orders, tag):
    """Descriptions and labels through the client's own patches."""
    fqn = orders.fullyQualifiedName.root
    described = om.patch_description(entity=Table, source=orders, description="Orders of customers")
    assert described is not None, "patch_description gave nothing"
    columns = [
        ColumnDescription(column_fqn=f"{fqn}.email", description="Address of the buyer"),
        ColumnDescription(column_fqn=f"{fqn}.attrs.a", description="A nested one"),
    ]
    assert om.patch_column_descriptions(table=current(om, fqn), column_descriptions=columns) is not None
    tags = [ColumnTag(column_fqn=f"{fqn}.email", tag_label=label("PII.Sensitive")),
            ColumnTag(column_fqn=f"{fqn}.email", tag_label=label(tag))]
    assert om.patch_column_tags(current(om, fqn), column_tags=tags) is not None


def current(om, fqn):
    found = om.get_by_name(entity=Table, fqn=fqn, fields=["tags", "columns", "tableConstraints", "owners"])
    assert found is not None, f"{fqn} is not there"
    return found


def raw_patch(om, table, operations, if_match=None):
    """The status of a PATCH: 200, or what the client's error says."""
    headers = {"If-Match": if_match} if if_match else None
    try:
        om.client.patch(f"/tables/{table.id.root}", data=json.dumps(operations), headers=headers)
        return 200
    except (APIError, HTTPError) as error:
        return status(error)


def status(error):
    """The HTTP status: the client has two kinds of errors, by the form of the body."""
    return error.response.status_code if isinstance(error, HTTPError) else error.status_code or error.code


def conditions(om, fqn):
    """What holds a write back: an outdated version, and a `test` that fails."""
    before = current(om, fqn)
    stale = f'W/"{before.version.root - 0.1:.1f}"'
    fresh = f'W/"{before.version.root}"'
    change = [{"op": "add", "path": "/displayName", "value": "Orders"}]
    return {
        "stale_version": raw_patch(om, before, change, stale),
        "strong_tag": raw_patch(om, before, change, '"0123456789abcdef"'),
        "failing_test": raw_patch(om, before, [{"op": "test", "path": "/columns/0/name", "value": "x"}, *change]),
        "fresh_version": raw_patch(om, before, change, fresh),
    }


def edge(om, customers, orders):
    fqn = f"{orders.fullyQualifiedName.root}.customer_id"
    details = {"source": "Manual", "description": "key", "columnsLineage": [
        {"fromColumns": [f"{customers.fullyQualifiedName.root}.id"], "toColumn": fqn}]}
    ends = {"fromEntity": {"id": str(customers.id.root), "type": "table"},
            "toEntity": {"id": str(orders.id.root), "type": "table"}}
    om.client.put("/lineage", data=json.dumps({"edge": {**ends, "lineageDetails": details}}))


def constrain(om, customers, orders):
    constraint = {"constraintType": "FOREIGN_KEY", "columns": ["customer_id"],
                  "referredColumns": [f"{customers.fullyQualifiedName.root}.id"]}
    operation = {"op": "add", "path": "/tableConstraints", "value": [constraint]}
    return raw_patch(om, orders, [operation])


def subscribe(om, name):
    """A webhook that nobody receives: it is off."""
    body = {"name": name, "alertType": "Notification", "resources": ["table"], "enabled": False,
            "input": {"filters": [], "actions": []},
            "destinations": [{"category": "External", "type": "Webhook", "enabled": False,
                              "config": {"endpoint": "http://127.0.0.1:9/hook", "secretKey": "secret"}}]}
    return om.client.post("/events/subscriptions", data=json.dumps(body))


def suggest(om, orders):
    """A suggestion, if the server still has them; `None` where it does not."""
    link = f"<#E::table::{orders.fullyQualifiedName.root}::columns::id>"
    body = {"type": "SuggestDescription", "entityLink": link, "description": "Number of the order"}
    try:
        made = om.client.post("/suggestions", data=json.dumps(body))
    except (APIError, HTTPError) as error:
        if status(error) == 404:
            return None
        raise
    om.client.put(f"/suggestions/{made['id']}/reject")
    return made


def main():
    url, token_file, name = sys.argv[1:4]
    with open(token_file, encoding="utf-8") as file:
        om = connect(url, file.read().strip())
    seen = {"server_version": om.server_version, "client_version": om.client_version}
    started = int(time.time() * 1000)
    service, customers, orders = make_tables(om, name)
    try:
        om.create_or_update(CreateClassificationRequest(name=name, description="Of a test", mutuallyExclusive=False))
        om.create_or_update(CreateTagRequest(name="Email", classification=name, description="Of a test"))
        write(om, orders, f"{name}.Email")
        fqn = orders.fullyQualifiedName.root
        seen["conditions"] = conditions(om, fqn)
        seen["constraint"] = constrain(om, customers, orders)
        edge(om, customers, orders)
        subscription = subscribe(om, name)

        judge = Judge(om.client)
        table = judge.read(Table, f"/tables/name/{fqn}?fields=columns,tags,tableConstraints,owners,followers,votes")[0]
        try:
            Table.model_validate({**table, "colour": "red"})
            raise AssertionError("the models accept anything, so they judge nothing")
        except ValidationError:
            pass
        seen["table"] = {key: table.get(key) for key in ("description", "version", "tableConstraints")}
        seen["columns"] = table["columns"]
        seen["change_summary"] = table["changeDescription"].get("changeSummary")
        judge.read(Table, f"/tables?databaseSchema={name}.lake.sales&limit=100&fields=columns,tags", data)
        judge.read(EntityVersionHistory, f"/tables/{orders.id.root}/versions")
        judge.read(DatabaseService, f"/services/databaseServices/name/{name}")
        judge.read(Database, f"/databases/name/{name}.lake")
        judge.read(DatabaseSchema, f"/databaseSchemas/name/{name}.lake.sales")
        judge.read(Classification, f"/classifications/name/{name}")
        judge.read(Tag, f"/tags/name/{name}.Email")
        lineage = judge.read(EntityLineage, f"/lineage/table/name/{fqn}?upstreamDepth=1&downstreamDepth=1")[0]
        seen["upstream"] = lineage["upstreamEdges"]
        events = judge.read(ChangeEvent, f"/events?entityCreated=table&entityUpdated=table&timestamp={started}", data)
        for event in (e for e in events if e["entityType"] == "table"):
            Table.model_validate(json.loads(event["entity"]))
        judge.read(EventSubscription, f"/events/subscriptions/{subscription['id']}")
        made = suggest(om, orders)
        if made is not None:
            judge.read(suggestions.Suggestion, f"/suggestions/{made['id']}")
        seen["suggestion"] = made is not None
        seen["validated"] = judge.validated
        seen["listed"] = sorted(
            t.name.root for t in om.list_all_entities(Table, limit=2, params={"database": f"{name}.lake"})
        )
        odd = om.get_by_name(entity=Table, fqn=f'{name}.lake.sales."odd.name v2"')
        seen["odd_column"] = odd.columns[0].fullyQualifiedName.root
        om.client.delete(f"/events/subscriptions/{subscription['id']}")
    finally:
        om.delete(entity=DatabaseService, entity_id=service.id, recursive=True, hard_delete=True)
        family = om.get_by_name(entity=Classification, fqn=name)
        if family is not None:
            om.delete(entity=Classification, entity_id=family.id, recursive=True, hard_delete=True)
    seen["left"] = [t.name.root for t in om.list_all_entities(Table, params={"database": f"{name}.lake"})]
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
