"""Query results as plain values."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

Record = dict[str, Any]


def records(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> list[Record]:
    """Rows as dictionaries by column; moments stay ``datetime``."""
    result = connection.execute(statement, parameters)
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def page_of(rows: list[Record], name: str) -> Record:
    """Rows of a statement that ends with ``count(*) over () as total``: ``total``, and the rows themselves as ``name``."""
    total = rows[0]["total"] if rows else 0
    return {"total": total, name: [{key: value for key, value in row.items() if key != "total"} for row in rows]}
