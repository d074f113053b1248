"""OpenMetadata's own profiler for Trino over one table, with those of its metrics that ours gives too.

Arguments: Trino's host and port, catalog, schema, table, threads. Prints one line of JSON: seconds, what failed, and the
distinct counts. Nothing of ours is in the way: its interface, its sampler, its metrics, its queries. Only the server
that it would ask for the table's schema is stood in for, since none is there.
"""

import json
import sys
import time
import uuid

import trino
from metadata.generated.schema.entity.data.table import Column, Table
from metadata.generated.schema.entity.services.connections.database.trinoConnection import TrinoConnection
from metadata.generated.schema.metadataIngestion.databaseServiceProfilerPipeline import (
    DatabaseServiceProfilerPipeline,
)
from metadata.profiler.interface.sqlalchemy.trino.profiler_interface import TrinoProfilerInterface
from metadata.profiler.metrics.registry import Metrics
from metadata.profiler.orm.converter import base
from metadata.profiler.processor.core import Profiler
from metadata.sampler.sqlalchemy.trino.sampler import TrinoSampler

USER = "openmetadata-profiler"
# The figures that our profile holds of each column: rows, nulls, distinct values, ends, lengths, a percentile.
METRICS = ["rowCount", "valuesCount", "nullCount", "distinctCount", "min", "max", "minLength", "maxLength", "median"]
TYPES = {"bigint": "BIGINT", "integer": "INT", "double": "DOUBLE", "date": "DATE"}


def columns(host, port, catalog, schema, table):
    connection = trino.dbapi.connect(host=host, port=port, user=USER, catalog=catalog, schema=schema)
    cursor = connection.cursor()
    cursor.execute(f"DESCRIBE {table}")
    for name, kind, *_ in cursor.fetchall():
        yield Column(name=name, dataType=TYPES.get(kind, "STRING"))


def main(address, catalog, schema, table, threads):
    host, port = address.split(":")
    base.get_orm_schema = lambda *_: schema
    base.get_orm_database = lambda *_: catalog
    entity = Table(
        id=uuid.uuid4(),
        name=table,
        fullyQualifiedName=f"peer.{catalog}.{schema}.{table}",
        serviceType="Trino",
        columns=list(columns(host, int(port), catalog, schema, table)),
    )
    connection = TrinoConnection(hostPort=address, username=USER, catalog=catalog)
    sampler = TrinoSampler(service_connection_config=connection, ometa_client=None, entity=entity)
    interface = TrinoProfilerInterface(
        service_connection_config=connection,
        ometa_client=None,
        entity=entity,
        source_config=DatabaseServiceProfilerPipeline(threadCount=threads),
        sampler=sampler,
        thread_count=threads,
    )
    profiler = Profiler(*[Metrics[name].value for name in METRICS], profiler_interface=interface)
    start = time.monotonic()
    profiler.compute_metrics()
    seconds = time.monotonic() - start
    found = profiler.get_profile()
    print(
        json.dumps(
            {
                "openmetadata_profiler": {
                    "seconds": seconds,
                    "threads": threads,
                    "metrics": METRICS,
                    "rows": found.tableProfile.rowCount,
                    "failed": [str(failure.error)[:200] for failure in interface.status.failures],
                    "distinct": {column.name: column.distinctCount for column in found.columnProfile},
                }
            }
        )
    )


main(*sys.argv[1:5], int(sys.argv[5]))
