"""Which columns every column comes from, read from the SQL itself."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlglot import MappingSchema, exp
from sqlglot.lineage import Node, lineage

from sc2_pipeline.sql_models.inputs import input_tables
from sc2_pipeline.sql_models.model import Model
from sc2_pipeline.sql_models.statement import RECURRING

ColumnLineage = dict[str, dict[str, list[tuple[str, str]]]]


def column_lineage(models: Iterable[Model]) -> ColumnLineage:
    """``{relation: {column: [(relation read, its column), ...]}}``, sorted; constants come from nowhere.

    Takes a second for all our models: ask once and keep the answer.
    """
    models = tuple(models)
    schema = _known_columns(models)
    return {model.relation: _lineage_of(model, schema) for model in models}


def _known_columns(models: Iterable[Model]) -> MappingSchema:
    """The columns that ``select *`` and ``using`` need to be resolved; types do not matter here."""
    columns: dict[str, Any] = {}
    for relation, table in input_tables().items():
        schema, _, name = relation.partition(".")
        columns.setdefault(schema, {})[name] = {column.name: "text" for column in table.columns}
    for model in models:
        columns.setdefault(model.schema, {})[model.name] = {column.name: "text" for column in model.columns}
    return MappingSchema(columns, dialect="duckdb")


def _lineage_of(model: Model, schema: MappingSchema) -> dict[str, list[tuple[str, str]]]:
    # Trimming copies the whole query for every column, to be shown; it is four fifths of the time.
    nodes = lineage(None, model.sql, schema, dialect="duckdb", trim_selects=False)
    return {name: sorted(set(_leaves(node))) for name, node in nodes.items()}


def _leaves(node: Node) -> Iterator[tuple[str, str]]:
    for leaf in node.walk():
        if isinstance(leaf.expression, exp.Table) and leaf.expression.db not in ("", RECURRING):
            column = leaf.name.rpartition(".")[2].strip('"')
            yield f"{leaf.expression.db}.{leaf.expression.name}", column
