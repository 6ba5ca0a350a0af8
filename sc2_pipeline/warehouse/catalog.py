"""DuckDB helpers used by all writers of a warehouse: catalogs, registered relations, quoting."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import duckdb
import pyarrow as pa

_arrow_numbers = count()


def quoted(text: str) -> str:
    """The text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def current_catalog(connection: duckdb.DuckDBPyConnection) -> str:
    """Name of the database that unqualified names refer to."""
    return str(scalar(connection, "select current_database()"))


def scalar(connection: duckdb.DuckDBPyConnection, sql: str) -> object:
    """The value of a query that returns exactly one."""
    # Fetches everything: DuckDB 2 refuses other work while a result has rows left.
    [[value]] = connection.execute(sql).fetchall()
    return value


@contextmanager
def arrow_relation(connection: duckdb.DuckDBPyConnection, table: pa.Table) -> Iterator[str]:
    """Registers an Arrow table as a relation inside the block, and yields its name."""
    name = f"sc2_pipeline_arrow_{next(_arrow_numbers)}"
    connection.register(name, table)
    try:
        yield name
    finally:
        connection.unregister(name)


def relation_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """All relations of the current catalog, with column types by column name."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
        " where database_name = current_database() and not internal order by schema_name, table_name, column_index"
    ).fetchall()
    relations: dict[str, dict[str, str]] = {}
    for relation, column, kind in rows:
        relations.setdefault(relation, {})[column] = kind
    return relations
