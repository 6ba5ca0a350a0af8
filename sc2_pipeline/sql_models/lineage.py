"""Which columns every column comes from, read from the SQL itself, and which it passes on as they are."""

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
"""Names of sqlglot's nodes for them."""


@dataclass(frozen=True, slots=True)
class _Traced:
    """Both answers, for both take the same walk."""

    lineage: ColumnLineage
    passed: ColumnLineage


def column_lineage(models: Iterable[Model]) -> ColumnLineage:
    """``{relation: {column: [(relation read, its column), ...]}}``, sorted; constants come from nowhere.

    Takes a second for all our models the first time.
    """
    return _traced(tuple(models)).lineage


def passed_columns(models: Iterable[Model]) -> ColumnLineage:
    """The same of columns whose values are those of the columns read, whatever views, CTEs, joins, unions and casts lie between.

    Only columns that keep their name; of several columns read, the value is one of theirs (a union, or ``using``).
    """
    return _traced(tuple(models)).passed


@lru_cache(maxsize=2)
def _traced(models: Sequence[Model]) -> _Traced:
    schema = _known_columns(models)
    traced = _Traced({}, {})
    for model in models:
        # Trimming copies the whole query for every column, to be shown; it is four fifths of the time.
        nodes = lineage(None, model.sql, schema, dialect="duckdb", trim_selects=False)
        traced.lineage[model.relation] = {name: sorted(set(_leaves(node))) for name, node in nodes.items()}
        traced.passed[model.relation] = dict(_passed_by(nodes))
    return traced


def _known_columns(models: Iterable[Model]) -> MappingSchema:
    """The columns that ``select *`` and ``using`` need to be resolved; types do not matter here."""
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
    """The columns read that a node's values are; None where it computes them."""
    if isinstance(node.expression, exp.Table):
        # What a recursive part names is itself, which adds nothing.
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
        # What `using` becomes.
        return all(isinstance(each, exp.Column) for each in (value.this, *value.expressions))
    return isinstance(value, exp.Column) and len(node.downstream) == 1
