"""Samples of relations: the row count and the first few rows."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from sc2_pipeline.warehouse.catalog import relation_columns

_PREVIEW_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Columns of a relation with their types, its first rows as text, and its row count (None for a view)."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]
    row_count: int | None


def relation_samples(connection: duckdb.DuckDBPyConnection, relations: Iterable[str]) -> dict[str, Sample]:
    """Samples of those relations that exist, by name; for views only the columns, without running their query."""
    found = connection.execute(
        "select schema_name || '.' || table_name, true from duckdb_tables() where database_name = current_database()"
        " union all"
        " select schema_name || '.' || view_name, false from duckdb_views() where database_name = current_database()"
    ).fetchall()
    is_table, columns = dict(found), relation_columns(connection)
    return {
        name: _sample(connection, name, tuple(columns[name].items()), is_table[name])
        for name in relations
        if name in is_table
    }


def _sample(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: tuple[tuple[str, str], ...], is_table: bool
) -> Sample:
    if not is_table:
        return Sample(columns=columns, rows=(), row_count=None)
    rows = connection.execute(f"select * from {relation} limit {_PREVIEW_ROWS}").fetchall()
    [(row_count,)] = connection.execute(f"select count(*) from {relation}").fetchall()
    shown = tuple(tuple("" if value is None else str(value) for value in row) for row in rows)
    return Sample(columns=columns, rows=shown, row_count=int(row_count))
