"""Descriptions as comments in the database, where people see them while querying."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import duckdb

from sc2_pipeline.sql_models import ColumnText, Macro, Model
from sc2_pipeline.tables import Column, Table
from sc2_pipeline.warehouse.catalog import identifier, quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """Description of a relation or macro and of each column. ``version`` is a sha256 of the texts."""

    relation: str
    kind: Literal["table", "view", "macro"]
    description: str
    columns: dict[str, str]
    version: str


def table_documentation(relation: str, table: Table) -> Documentation:
    """Documentation of a declared table."""
    kind: Literal["table", "view"] = "view" if table.stays_in_parquet else "table"
    description = f"{table.description} {table.grain}"
    if table.stays_in_parquet:
        description += (
            " Its rows are files of the home: from another folder, set file_search_path = '/path/to/home' first."
        )
    columns = {column.name: _column_text(column) for column in table.columns}
    words = (kind, description, *(f"{name}\0{said}" for name, said in columns.items()))
    return Documentation(
        relation=relation, kind=kind, description=description, columns=columns, version=_digest(*words)
    )


def model_documentation(model: Model, columns: Mapping[str, ColumnText]) -> Documentation:
    """Documentation of a model; ``columns`` include inherited texts."""
    says_grain = "one row" in model.description.lower()
    said = model.description if says_grain else f"{model.description} {model.grain}"
    return Documentation(
        relation=model.relation,
        kind="view" if model.materialized == "view" else "table",
        description=said,
        columns={name: _column_text(text) for name, text in columns.items()},
        version=model.words_version,
    )


def macro_documentation(macro: Macro) -> Documentation:
    """Documentation of a macro, which has no columns."""
    return Documentation(
        relation=macro.relation,
        kind="macro",
        description=macro.description,
        columns={},
        version=_digest(macro.description),
    )


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def _column_text(column: Column | ColumnText) -> str:
    parts = [column.description]
    if column.unit:
        parts.append(f"Unit: {column.unit}.")
    if column.origin:
        parts.append(f"Origin: {column.origin}.")
    return " ".join(parts)


def put_comments(connection: duckdb.DuckDBPyConnection, documentation: Documentation) -> None:
    """Writes the comments of one existing relation; ``create or replace`` drops them."""
    connection.execute(";\n".join(_statements(documentation)))


def _statements(documentation: Documentation) -> Iterator[str]:
    relation = ".".join(identifier(part) for part in documentation.relation.split("."))
    yield f"comment on {documentation.kind} {relation} is {quoted(documentation.description)}"
    for name, said in documentation.columns.items():
        yield f"comment on column {relation}.{identifier(name)} is {quoted(said)}"
