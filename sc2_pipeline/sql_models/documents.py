"""Strict reader of the yml beside the SQL: an unknown key is an error.

A column whose texts are all inherited is only named: ``- replay_id`` (:mod:`sc2_pipeline.sql_models.column_texts`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models.model import (
    MATERIALIZED,
    SEVERITIES,
    ColumnTest,
    Materialized,
    ModelColumn,
    Severity,
)

# libyaml reads our folder in a tenth of the time; every wheel of PyYAML includes it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MODEL_KEYS = {"name", "materialized", "description", "columns", "tests"}
_COLUMN_KEYS = {"name", "description", "unit", "origin", "tests"}
W = TypeVar("W", bound=str)
_TEST_KINDS = ("not_null", "unique", "accepted_values", "relationships", "range")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The yml of one model."""

    name: str
    materialized: Materialized
    description: str
    columns: tuple[ModelColumn, ...]
    tests: tuple[ColumnTest, ...]


def read_documents(path: Path) -> tuple[Document, ...]:
    """The models described in a yml file; raises ContractError naming file, model and problem."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContractError(f"{path} is not readable yml ({error}); mend the file") from error
    if not isinstance(content, dict) or set(content) != {"models"} or not isinstance(content["models"], list):
        raise ContractError(f"{path} does not hold one list called models; mend the file")
    return tuple(_document(entry, str(path)) for entry in content["models"])


def _document(entry: object, where: str) -> Document:
    values = _mapping(entry, _MODEL_KEYS, where)
    name = _text(values, "name", where)
    where = f"{where}: {name}"
    materialized = _word(values.get("materialized"), MATERIALIZED, f"materialized of {where}")
    columns = [
        {"name": column} if isinstance(column, str) else _mapping(column, _COLUMN_KEYS, where)
        for column in values.get("columns") or ()
    ]
    tests = [
        *(_test(test, (), where) for test in values.get("tests") or ()),
        *(_test(test, (column["name"],), where) for column in columns for test in column.get("tests") or ()),
    ]
    return Document(
        name=name,
        materialized=materialized,
        description=_text(values, "description", where),
        columns=tuple(_column(column, where) for column in columns),
        tests=tuple(tests),
    )


def _column(values: Mapping[str, Any], where: str) -> ModelColumn:
    name = _text(values, "name", where)
    return ModelColumn(
        name=name,
        description=_text(values, "description", f"{where}.{name}") if "description" in values else None,
        unit=values.get("unit"),
        origin=values.get("origin"),
    )


def _test(test: object, columns: tuple[str, ...], where: str) -> ColumnTest:
    """One entry of ``tests``: a test name, or a mapping of the name to its arguments, with an optional severity."""
    values = {test: None} if isinstance(test, str) else _mapping(test, {*_TEST_KINDS, "severity"}, where)
    severity = _word(values.get("severity", "error"), SEVERITIES, f"severity of a test of {where}")
    kinds = [kind for kind in values if kind != "severity"]
    if len(kinds) != 1 or kinds[0] not in _TEST_KINDS:
        raise ContractError(f"{where} has a test {test}; give one of {', '.join(_TEST_KINDS)}")
    return _test_of_kind(kinds[0], values[kinds[0]], columns, severity, where)


def _test_of_kind(kind: str, arguments: Any, columns: tuple[str, ...], severity: Severity, where: str) -> ColumnTest:
    if kind == "accepted_values":
        return ColumnTest(
            kind="accepted_values", columns=columns, severity=severity, values=tuple(_listed(arguments, where))
        )
    if kind == "range":
        bounds = _mapping(arguments, {"min", "max"}, where)
        return ColumnTest(
            kind="range", columns=columns, severity=severity, minimum=bounds.get("min"), maximum=bounds.get("max")
        )
    if kind == "relationships":
        return _relationship(_mapping(arguments, {"to", "column", "columns"}, where), columns, severity, where)
    columns = columns or tuple(_listed(arguments, where))
    return ColumnTest(kind="unique" if kind == "unique" else "not_null", columns=columns, severity=severity)


def _relationship(target: Mapping[str, Any], columns: tuple[str, ...], severity: Severity, where: str) -> ColumnTest:
    columns = tuple(target.get("columns") or columns)
    to = _text(target, "to", where)
    to_columns = (target["column"],) if "column" in target else columns
    if to.count(".") != 1 or not columns or len(to_columns) != len(columns):
        raise ContractError(f"{where} has a relationships test to {to}; give to: schema.name, and column: its column")
    return ColumnTest(kind="relationships", columns=columns, severity=severity, to=to, to_columns=to_columns)


def _listed(arguments: Any, where: str) -> list[Any]:
    if not isinstance(arguments, list) or not arguments:
        raise ContractError(f"{where} has a test of {arguments}; give a list")
    return arguments


def _mapping(entry: object, keys: set[str], where: str) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise ContractError(f"{where} has {entry} where a mapping belongs; mend the file")
    for key in entry:
        if key not in keys:
            raise ContractError(f"{where} has an unknown word {key} (known: {', '.join(sorted(keys))})")
    return entry


def _text(values: Mapping[str, Any], key: str, where: str) -> str:
    value = values.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ContractError(f"{where} has no {key}; every relation and column has one")
    return " ".join(value.split())


def _word(value: object, words: tuple[W, ...], what: str) -> W:
    for word in words:
        if value == word:
            return word
    raise ContractError(f"{what} is {value}; give one of {', '.join(words)}")
