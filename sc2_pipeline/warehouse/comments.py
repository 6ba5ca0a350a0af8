"""Descriptions become comments in the database: people meet them where they query."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import duckdb

from sc2_pipeline.sql_models import Macro, Model, ModelColumn
from sc2_pipeline.tables import Column, Table
from sc2_pipeline.warehouse.connection import identifier, quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """What is said of one relation or macro: a text for it and one for each column."""

    relation: str
    kind: Literal["table", "view", "macro"]
    description: str
    columns: dict[str, str]

    @property
    def version(self) -> str:
        """sha256 of the words."""
        text = "\0".join((self.kind, self.description, *(f"{name}\0{said}" for name, said in self.columns.items())))
        return hashlib.sha256(text.encode()).hexdigest()


def table_documentation(relation: str, table: Table) -> Documentation:
    """The documentation of a declared table."""
    return Documentation(
        relation=relation,
        kind="view" if table.stays_in_parquet else "table",
        description=f"{table.description} {table.grain}",
        columns={column.name: _column_text(column) for column in table.columns},
    )


def model_documentation(model: Model) -> Documentation:
    """The documentation of a model."""
    says_grain = "one row" in model.description.lower()
    said = model.description if says_grain else f"{model.description} {model.grain}"
    return Documentation(
        relation=model.relation,
        kind="view" if model.materialized == "view" else "table",
        description=said,
        columns={column.name: _column_text(column) for column in model.columns},
    )


def macro_documentation(macro: Macro) -> Documentation:
    """The documentation of a macro, which has no columns."""
    return Documentation(relation=macro.relation, kind="macro", description=macro.description, columns={})


def _column_text(column: Column | ModelColumn) -> str:
    parts = [column.description]
    if column.unit:
        parts.append(f"Unit: {column.unit}.")
    if column.origin:
        parts.append(f"Origin: {column.origin}.")
    return " ".join(parts)


def put_comments(connection: duckdb.DuckDBPyConnection, documentation: Documentation) -> None:
    """Writes the comments of one relation that stands; ``create or replace`` takes them away."""
    connection.execute(";\n".join(_statements(documentation)))


def _statements(documentation: Documentation) -> Iterator[str]:
    relation = ".".join(identifier(part) for part in documentation.relation.split("."))
    yield f"comment on {documentation.kind} {relation} is {quoted(documentation.description)}"
    for name, said in documentation.columns.items():
        yield f"comment on column {relation}.{identifier(name)} is {quoted(said)}"
