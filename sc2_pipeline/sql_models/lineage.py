"""Column lineage, derived from the SQL: the columns that each column comes from, and those it passes through
unchanged."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlglot import MappingSchema, exp
from sqlglot.lineage import Node, lineage

from sc2_pipeline.sql_models.inputs import input_tables
from sc2_pipeline.sql_models.model import Model
from sc2_pipeline.sql_models.statement import RECURRING

Origins = list[tuple[str, str]]
ColumnLineage = dict[str, dict[str, Origins]]

_SET_OPERATIONS = ("UNION", "INTERSECT", "EXCEPT")
"""sqlglot's node names of set operations."""


@dataclass(frozen=True, slots=True)
class _Traced:
    """Both results, since one traversal gives both."""

    lineage: ColumnLineage
    passed: ColumnLineage


def column_lineage(models: Iterable[Model]) -> ColumnLineage:
    """``{relation: {column: [(relation read, its column), ...]}}``, sorted; constants have no origin.

    Takes half a second for all our models the first time.
    """
    return _traced(tuple(models)).lineage


def passed_columns(models: Iterable[Model]) -> ColumnLineage:
    """Lineage only of columns whose values are those of the columns read, through views, CTEs, joins, unions and casts.

    Includes only columns that keep their name; if several columns are read, each value is one of theirs (a union, or
    ``using``).
    """
    return _traced(tuple(models)).passed


@lru_cache(maxsize=2)
def _traced(models: Sequence[Model]) -> _Traced:
    schema = _known_columns(models)
    traced = _Traced({}, {})
    for model in models:
        # Trimming copies the whole query for every column, for display only; it takes four fifths of the time.
        nodes = lineage(None, model.sql, schema, dialect="duckdb", trim_selects=False)
        traced.lineage[model.relation] = {name: sorted(set(_leaves(node))) for name, node in nodes.items()}
        traced.passed[model.relation] = dict(_passed_by(nodes))
    return traced


def _known_columns(models: Iterable[Model]) -> MappingSchema:
    """The columns needed to resolve ``select *`` and ``using``; types do not matter here."""
    columns: dict[str, Any] = {}
    for relation, table in input_tables().items():
        schema, _, name = relation.partition(".")
        columns.setdefault(schema, {})[name] = {column.name: "text" for column in table.columns}
    for model in models:
        columns.setdefault(model.schema, {})[model.name] = {column.name: "text" for column in model.columns}
    return MappingSchema(columns, dialect="duckdb")


def _leaves(node: Node) -> Iterator[tuple[str, str]]:
    for leaf in node.walk():
        if isinstance(leaf.expression, exp.Table) and leaf.expression.db not in ("", RECURRING):
            yield _read_column(leaf)


def _read_column(leaf: Node) -> tuple[str, str]:
    column = leaf.name.rpartition(".")[2].strip('"')
    table = leaf.expression
    assert isinstance(table, exp.Table)
    return f"{table.db}.{table.name}", column


def _passed_by(nodes: dict[str, Node]) -> Iterator[tuple[str, Origins]]:
    for name, node in nodes.items():
        leaves = _passed_leaves(node)
        if leaves and all(column == name for _, column in leaves):
            yield name, sorted(leaves)


def _passed_leaves(node: Node) -> set[tuple[str, str]] | None:
    """The columns read whose values a node passes through; None if it computes new values."""
    if isinstance(node.expression, exp.Table):
        # A recursive part refers to itself, which adds no columns.
        return set() if node.expression.db in ("", RECURRING) else {_read_column(node)}
    if not _is_passing(node):
        return None
    parts = [_passed_leaves(below) for below in node.downstream]
    known = [part for part in parts if part is not None]
    return set().union(*known) if len(known) == len(parts) else None


def _is_passing(node: Node) -> bool:
    if node.name in _SET_OPERATIONS:
        return True
    value = node.expression.unalias()
    while isinstance(value, exp.Cast | exp.Paren):
        value = value.this
    if isinstance(value, exp.Coalesce):
        # sqlglot rewrites `using` to this.
        return all(isinstance(each, exp.Column) for each in (value.this, *value.expressions))
    return isinstance(value, exp.Column) and len(node.downstream) == 1
