"""Converts the game's data (ResponseData) and map (ResponseGameInfo) from bytes to rows of the raw tables."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa
from google.protobuf.message import DecodeError

from sc2_pipeline.errors import EngineError
from sc2_pipeline.game import game_seconds
from sc2_pipeline.game_messages import common_pb2, data_pb2, sc2api_pb2
from sc2_pipeline.sc2_client.known_types import known_unit_types
from sc2_pipeline.sc2_client.observation.layout import snake_case
from sc2_pipeline.sc2_client.observation.loose_message import loose_class
from sc2_pipeline.sc2_client.observation.names import GameNames, Lexicon
from sc2_pipeline.storable import storable, text_of
from sc2_pipeline.tables.declaration import Table
from sc2_pipeline.tables.engine_game_data import (
    ABILITY_TYPES_TABLE,
    BUFF_TYPES_TABLE,
    EFFECT_TYPES_TABLE,
    UNIT_TYPES_TABLE,
    UPGRADE_TYPES_TABLE,
)
from sc2_pipeline.tables.engine_world import GAME_INFO_TABLE

Row = dict[str, Any]

_KNOWN = ("base_unit_type", "category", "is_structure", "made_of", "minerals", "vespene", "minerals_total",
          "vespene_total")  # fmt: skip

_DATA = loose_class(sc2api_pb2.ResponseData.DESCRIPTOR)
_GAME_INFO = loose_class(sc2api_pb2.ResponseGameInfo.DESCRIPTOR)

_RACES = Lexicon(
    {value: "neutral" if name == "NoRace" else name.lower() for name, value in common_pb2.Race.items()}, True
)
_ATTRIBUTES = Lexicon({value: snake_case(name) for name, value in data_pb2.Attribute.items()}, True)
_ABILITY_TARGETS = Lexicon({value: snake_case(name) for name, value in data_pb2.AbilityData.Target.items()}, True)
_WEAPON_TARGETS = Lexicon({value: snake_case(name) for name, value in data_pb2.Weapon.TargetType.items()}, True)


def game_names(response_data: bytes) -> GameNames:
    """Names of unit types, abilities, upgrades, buffs and effects; raises EngineError ``garbled_reply``."""
    data = _parsed(_DATA, response_data)
    return GameNames(
        unit_type=_lexicon(data.units, "unit_id", lambda one: _get(one, "name")),
        ability=_lexicon(data.abilities, "ability_id", _ability_name),
        upgrade=_lexicon(data.upgrades, "upgrade_id", lambda one: _get(one, "name")),
        buff=_lexicon(data.buffs, "buff_id", lambda one: _get(one, "name")),
        effect=_lexicon(data.effects, "effect_id", _effect_name),
    )


def game_data_tables(response_data: bytes, *, base_build: int, data_version: str) -> dict[str, pa.RecordBatch]:
    """Rows of unit_types, upgrade_types, ability_types, buff_types and effect_types.

    Raises EngineError ``garbled_reply`` if the bytes are not a ResponseData.
    """
    data = _parsed(_DATA, response_data)
    constants = {"base_build": base_build, "data_version": data_version}
    rows = {
        UNIT_TYPES_TABLE: (
            _unit_row(unit, known) for unit, known in _with_known(data.units, response_data, base_build)
        ),
        UPGRADE_TYPES_TABLE: (_upgrade_row(one) for one in data.upgrades),
        ABILITY_TYPES_TABLE: (_ability_row(one) for one in data.abilities),
        BUFF_TYPES_TABLE: (_read(BUFF_TYPES_TABLE, "buffs", one) for one in data.buffs),
        EFFECT_TYPES_TABLE: (
            _read(EFFECT_TYPES_TABLE, "effects", one) | {"effect": _effect_name(one)} for one in data.effects
        ),
    }
    return {table.name: _batch(table, (constants | row for row in given)) for table, given in rows.items()}


def game_info_row(
    response_game_info: bytes, *, replay_id: str, differences: str | None = None, sampling: str | None = None
) -> pa.RecordBatch:
    """The only row of game_info; raises EngineError ``garbled_reply`` if the bytes are not a ResponseGameInfo.

    ``differences``: how the game's behaviour differs from the assumptions. ``sampling``: what decided where it was observed.
    """
    info = _parsed(_GAME_INFO, response_game_info)
    row = {
        column.name: _at(info, column.origin.removeprefix("ResponseGameInfo."), is_text=column.type != pa.binary())
        for column in GAME_INFO_TABLE.columns
        if column.origin is not None
    }
    constants = {"replay_id": replay_id, "source": "sc2", "game_differences": differences, "sampling": sampling}
    starts = [{"x": _get(one, "x"), "y": _get(one, "y")} for one in info.start_raw.start_locations]
    return _batch(GAME_INFO_TABLE, iter([row | constants | {"start_locations": starts}]))


def _parsed(message_class: Any, payload: bytes) -> Any:
    try:
        return message_class.FromString(payload)
    except DecodeError as error:
        what = message_class.DESCRIPTOR.name.rpartition("_")[2]
        raise EngineError(
            "garbled_reply", f"the game's {what} of {len(payload)} bytes does not decode: {error}"
        ) from error


def _lexicon(elements: Any, id_field: str, name_of: Callable[[Any], str | None]) -> Lexicon:
    named = {_get(element, id_field): name_of(element) for element in elements}
    return Lexicon({number: name for number, name in named.items() if number is not None and name})


def _with_known(units: Any, response_data: bytes, base_build: int) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """Each unit type with the facts known about its name beyond the API's data."""
    official = sc2api_pb2.ResponseData.FromString(response_data)
    # protobuf returns text that is not UTF-8 as bytes; no unit of any version has such a name.
    known = known_unit_types((unit for unit in official.units if isinstance(unit.name, str)), base_build)
    for unit in units:
        yield unit, known.get(_get(unit, "name"), {})


def _unit_row(unit: Any, known: Mapping[str, Any]) -> Row:
    build_time = _get(unit, "build_time")
    return (
        _read(UNIT_TYPES_TABLE, "units", unit)
        | {
            "unit_type": _get(unit, "name") or None,
            "race": _RACES.of_one(_get(unit, "race")),
            "attributes": [_ATTRIBUTES.of_one(one) for one in unit.attributes],
            "build_time_seconds": None if build_time is None else game_seconds(build_time),
            "weapons": [_weapon(one) for one in unit.weapons],
        }
        | {name: known.get(name) for name in _KNOWN}
    )


def _weapon(weapon: Any) -> Row:
    return {
        "target": _WEAPON_TARGETS.of_one(_get(weapon, "type")),
        "damage": _get(weapon, "damage"),
        "attacks": _get(weapon, "attacks"),
        "range": _get(weapon, "range"),
        "cooldown_normal_seconds": _get(weapon, "speed"),
        "bonuses": [
            {"attribute": _ATTRIBUTES.of_one(_get(one, "attribute")), "damage": _get(one, "bonus")}
            for one in weapon.damage_bonus
        ],
    }


def _upgrade_row(upgrade: Any) -> Row:
    time = _get(upgrade, "research_time")
    row = _read(UPGRADE_TYPES_TABLE, "upgrades", upgrade)
    return row | {"research_time_seconds": None if time is None else game_seconds(time)}


def _ability_row(ability: Any) -> Row:
    return _read(ABILITY_TYPES_TABLE, "abilities", ability) | {
        "ability": _ability_name(ability),
        "target": _ABILITY_TARGETS.of_one(_get(ability, "target")),
    }


def _ability_name(ability: Any) -> str | None:
    """Friendly name, otherwise the catalogue's name, with the command's index unless it is the first."""
    friendly, link, index = (_get(ability, name) for name in ("friendly_name", "link_name", "link_index"))
    return friendly or (f"{link}_{index}" if link and index else link)


def _effect_name(effect: Any) -> str | None:
    name: str | None = _get(effect, "friendly_name") or _get(effect, "name")
    return name


def _read(table: Table, message: str, element: Any) -> Row:
    """A table's columns that each hold one field of an element."""
    prefix = f"ResponseData.{message}."
    return {
        column.name: _get(element, column.origin.removeprefix(prefix))
        for column in table.columns
        if column.origin is not None and column.origin.startswith(prefix)
    }


def _at(message: Any, path: str, *, is_text: bool) -> Any:
    """The value at a path of fields; None if it or a message on the path is unset. Bytes are returned as they are, or
    decoded as text."""
    *way, last = path.split(".")
    for name in way:
        if not message.HasField(name):
            return None
        message = getattr(message, name)
    return _get(message, last) if is_text else getattr(message, last) if message.HasField(last) else None


def _get(message: Any, name: str) -> Any:
    """A field's value; None if it is unset. Text is decoded, repeated fields become lists."""
    if message.DESCRIPTOR.fields_by_name[name].is_repeated:
        return [_plain(one) for one in getattr(message, name)]
    return _plain(getattr(message, name)) if message.HasField(name) else None


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    return text_of(value) if isinstance(value, bytes) else value


def _batch(table: Table, rows: Iterator[Row]) -> pa.RecordBatch:
    try:
        return pa.RecordBatch.from_pylist(list(rows), schema=table.schema)
    except (pa.ArrowInvalid, OverflowError) as error:
        raise EngineError("garbled_reply", f"the game's data does not fit {table.name} ({error})") from error
