"""DuckDB types of declared columns, as DuckDB derives them from the Arrow schema."""

from collections.abc import Mapping

import duckdb

from sc2_pipeline.tables import Table
from sc2_pipeline.warehouse.catalog import arrow_relation

_known: dict[Table, Mapping[str, str]] = {}
"""Cached: types never change in a process, and a query takes 1 to 2 ms for each of some forty tables."""


def column_types(connection: duckdb.DuckDBPyConnection, table: Table) -> Mapping[str, str]:
    """SQL types by column name, in the order of declaration."""
    if table not in _known:
        with arrow_relation(connection, table.schema.empty_table()) as empty:
            rows = connection.execute(f"describe select * from {empty}").fetchall()
        _known[table] = {name: kind for name, kind, *_ in rows}
    return _known[table]
