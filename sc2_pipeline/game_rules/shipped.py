"""The rules as tables for SQL; their columns are declared in :mod:`sc2_pipeline.tables.shipped`."""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from sc2_pipeline.game_rules import rows
from sc2_pipeline.game_rules.openers import opener_conditions
from sc2_pipeline.game_rules.rows import FIRST, NEVER, Moment, Point, rows_of
from sc2_pipeline.game_rules.rules import LADDER, GameRules, UnitType, rules_at

_ERA = (
    ("from_base_build", pa.int32()),
    ("from_data_build", pa.int32()),
    ("from_day", pa.date32()),
    ("to_base_build", pa.int32()),
    ("to_data_build", pa.int32()),
    ("to_day", pa.date32()),
)
_TEXT, _NUMBER = pa.string(), pa.int32()

_SCHEMAS = {
    "known_rules": pa.schema(
        [("subject", _TEXT), ("fact", _TEXT), ("value", pa.float64()), ("unit", _TEXT), ("mode", _TEXT), *_ERA,
         ("source", _TEXT)]
    ),
    "known_unit_types": pa.schema(
        [("unit_type", _TEXT), ("base_unit_type", _TEXT), ("race", _TEXT), ("category", _TEXT),
         ("is_structure", pa.bool_()), ("is_timed", pa.bool_()), ("made_of", _TEXT), *_ERA, ("minerals", _NUMBER),
         ("vespene", _NUMBER), ("minerals_total", _NUMBER), ("vespene_total", _NUMBER), ("supply", pa.float32()),
         ("supply_provided", pa.float32()), ("build_time_game_loops", pa.float64()), ("source", _TEXT)]
    ),
    "known_coop_names": pa.schema([("kind", _TEXT), ("commander", _TEXT), ("place", pa.int64()), ("name", _TEXT)]),
    "known_openers": pa.schema(
        [("level", _TEXT), ("race", _TEXT), ("name", _TEXT), ("rank", _NUMBER), ("start_workers", _NUMBER),
         ("condition_number", _NUMBER), ("by_game_loop", _NUMBER), ("is_negative", pa.bool_()), ("is_proxy", pa.bool_()),
         ("item", _TEXT), ("nth", _NUMBER), ("other_item", _TEXT), ("other_nth", _NUMBER)]
    ),
}  # fmt: skip

_FIGURES = frozenset({"minerals", "vespene", "supply", "supply_provided", "build_time"})


def shipped_tables() -> dict[str, pa.Table]:
    """Rows of every shipped table by name; open, unknown and missing values are NULL."""
    return _tables(rows.FOLDER)


def shipped_versions() -> dict[str, str]:
    """A hash of every shipped table's rows, by name; part of the version of the models that read it."""
    return _versions(rows.FOLDER)


@cache
def _tables(_folder: Path) -> dict[str, pa.Table]:
    found = {
        "known_rules": _rules(),
        "known_unit_types": _unit_types(),
        "known_coop_names": _coop_names(),
        "known_openers": opener_conditions(),
    }
    return {name: pa.Table.from_pylist(list(found[name]), schema=schema) for name, schema in _SCHEMAS.items()}


@cache
def _versions(folder: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256(json.dumps(table.to_pylist(), default=str).encode()).hexdigest()
        for name, table in _tables(folder).items()
    }


def _rules() -> Iterator[dict[str, Any]]:
    for row in rows_of("rules"):
        value = row.fields["value"]
        texts = {name: row.fields[name] or None for name in ("subject", "fact", "unit", "mode", "source")}
        yield texts | _era(row.since, row.until) | {"value": float(value) if value else None}


def _unit_types() -> Iterator[dict[str, Any]]:
    """One row per melee type and era in which none of its figures changes, by ladder rules."""
    points: dict[str, set[Point]] = {}
    for row in rows_of("rules"):
        if row.fields["fact"] in _FIGURES and row.mode in LADDER:
            points.setdefault(row.fields["subject"], set()).update((row.since, row.until))
    for row in rows_of("unit_types"):
        name = row.fields["unit_type"]
        subjects = _subjects(rules_at(LADDER, _moment(row.since)), name)
        borders = {row.since, row.until}.union(*(points.get(subject, ()) for subject in subjects))
        for since, until in pairwise(sorted(border for border in borders if row.since <= border <= row.until)):
            rules = rules_at(LADDER, _moment(since))
            yield _era(since, until) | _figures(rules, rules.types[name]) | {"source": row.source}


def _subjects(rules: GameRules, name: str) -> Iterator[str]:
    """The type, and all others whose figures are included in its own."""
    unit_type = rules.types[name]
    yield name
    for other in {unit_type.base_type, unit_type.hatches_into, unit_type.made_of} - {None, name}:
        yield from _subjects(rules, str(other))


def _figures(rules: GameRules, unit_type: UnitType) -> dict[str, Any]:
    minerals, vespene = rules.price(unit_type.unit_type)
    minerals_total, vespene_total = rules.worth(unit_type.unit_type)
    return {
        "unit_type": unit_type.unit_type,
        "base_unit_type": unit_type.base_type,
        "race": unit_type.race,
        "category": unit_type.category,
        "is_structure": unit_type.is_structure,
        "is_timed": unit_type.is_timed,
        "made_of": unit_type.made_of,
        "minerals": minerals,
        "vespene": vespene,
        "minerals_total": minerals_total,
        "vespene_total": vespene_total,
        "supply": unit_type.supply,
        "supply_provided": unit_type.supply_provided,
        "build_time_game_loops": rules.value(unit_type.unit_type, "build_time"),
    }


def _coop_names() -> Iterator[dict[str, Any]]:
    for row in rows_of("coop_names"):
        yield {
            "kind": row.fields["kind"],
            "commander": row.mode or None,
            "place": int(row.fields["place"]),
            "name": row.fields["name"],
        }


def _moment(point: Point) -> Moment:
    return Moment(point.base_build, point.data_build, point.day)


def _era(since: Point, until: Point) -> dict[str, Any]:
    return _columns("from", since, is_open=since == FIRST) | _columns("to", until, is_open=until == NEVER)


def _columns(word: str, point: Point, *, is_open: bool) -> dict[str, Any]:
    return {
        f"{word}_base_build": None if is_open else point.base_build,
        f"{word}_data_build": point.data_build or None,
        f"{word}_day": None if point.day == point.day.min else point.day,
    }
