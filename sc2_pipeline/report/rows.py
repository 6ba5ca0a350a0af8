"""Queries for report pages."""

from typing import Any

import duckdb

from sc2_pipeline.questions import bound_values, find_question, statement_of

Row = tuple[Any, ...]


def fetched(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> list[Row]:
    """All rows of a query."""
    rows: list[Row] = connection.execute(query, list(values)).fetchall()
    return rows


def answered(connection: duckdb.DuckDBPyConnection, name: str, **given: object) -> list[dict[str, Any]]:
    """Rows of a ready-made question, as mappings by column."""
    question = find_question(name)
    values = bound_values(question, {key: str(value) for key, value in given.items()})
    columns = [column for column, _ in question.columns]
    return [dict(zip(columns, row, strict=True)) for row in fetched(connection, statement_of(question, values))]
