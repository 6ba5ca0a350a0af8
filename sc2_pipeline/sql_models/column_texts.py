"""Description, unit and origin of every column, from its model's yml or inherited from the columns it passes
through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models.inputs import input_tables
from sc2_pipeline.sql_models.lineage import Origins, passed_columns
from sc2_pipeline.sql_models.model import ColumnText, Model, ModelColumn

ColumnTexts = dict[str, dict[str, ColumnText]]
InheritedTexts = dict[str, dict[str, ModelColumn]]


@dataclass(frozen=True, slots=True)
class _Said:
    """Texts of models by relation and column: the final ones, and those that would be inherited without the model's own
    yml."""

    texts: ColumnTexts
    inherited: InheritedTexts


def column_texts(models: Iterable[Model]) -> ColumnTexts:
    """``{relation: {column: text}}`` of all models, which must be in build order, with columns in the order of the yml.

    Description, unit and origin are inherited separately, each if all passed-through columns agree. Takes half a second for
    all our models the first time. Raises ContractError naming a column without a description.
    """
    return _said_of(tuple(models)).texts


def inherited_texts(models: Iterable[Model]) -> InheritedTexts:
    """Inherited texts of columns, even where the yml overrides them; None if nothing is inherited."""
    return _said_of(tuple(models)).inherited


@lru_cache(maxsize=2)
def _said_of(models: Sequence[Model]) -> _Said:
    passed = passed_columns(models)
    known: ColumnTexts = {
        relation: {
            column.name: ColumnText(description=column.description, unit=column.unit, origin=column.origin)
            for column in table.columns
        }
        for relation, table in input_tables().items()
    }
    said = _Said({}, {})
    for model in models:
        origins = passed[model.relation]
        inherited = {c.name: _inherited(c.name, origins.get(c.name, []), known) for c in model.columns}
        said.inherited[model.relation] = inherited
        said.texts[model.relation] = known[model.relation] = {
            column.name: _text(model, column, inherited[column.name]) for column in model.columns
        }
    return said


def _inherited(name: str, origins: Origins, known: Mapping[str, Mapping[str, ColumnText]]) -> ModelColumn:
    said = [known[relation][column] for relation, column in origins]
    return ModelColumn(
        name=name,
        description=_agreed(text.description for text in said),
        unit=_agreed(text.unit for text in said),
        origin=_agreed(text.origin for text in said),
    )


def _agreed(texts: Iterable[str | None]) -> str | None:
    distinct = set(texts)
    return distinct.pop() if len(distinct) == 1 else None


def _text(model: Model, column: ModelColumn, inherited: ModelColumn) -> ColumnText:
    description = column.description or inherited.description
    if description is None:
        raise ContractError(
            f"{model.path} gives {column.name}, of which its yml says nothing and which passes on no one column as it is; describe it"
        )
    return ColumnText(
        description=description, unit=column.unit or inherited.unit, origin=column.origin or inherited.origin
    )
