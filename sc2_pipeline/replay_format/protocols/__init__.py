"""What each base build's replays look like inside: Blizzard's type tables, carried as data.

Taken from s2protocol (MIT, Copyright (c) 2013, 2017 Blizzard Entertainment, see LICENSE-s2protocol.txt beside this
file) by ``generate.py``: 93 builds share 23 distinct tables. No code of s2protocol is used: it cannot be imported on
Python 3.12 and later.
"""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from sc2_pipeline.errors import UnknownProtocolError

DATA_FILE = Path(__file__).with_name("protocols.json.gz")

TypeInfo: TypeAlias = tuple[str, list[Any]]
"""Decoder kind and its arguments in s2protocol's shape: ``("_int", [(lowest, bits)])``."""

EventTypes: TypeAlias = dict[int, tuple[int, str]]
"""Event id to (type id, full name such as ``NNet.Game.SCmdEvent``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One base build's types. Builds that share a table share the very same lists; do not change them."""

    base_build: int
    typeinfos: list[TypeInfo]
    game_event_types: EventTypes
    message_event_types: EventTypes
    tracker_event_types: EventTypes
    """Empty before build 26490, whose replays first had a tracker stream."""
    header_typeid: int
    details_typeid: int
    initdata_typeid: int
    game_eventid_typeid: int
    message_eventid_typeid: int
    tracker_eventid_typeid: int | None
    svaruint32_typeid: int
    replay_userid_typeid: int | None
    """None before build 24944: those streams name players, not users, and no tool decodes their events."""


def builds() -> tuple[int, ...]:
    """Base builds with a protocol of their own, in increasing order."""
    return tuple(_data()["builds"])


def protocol(base_build: int) -> Protocol:
    """The protocol of exactly this base build.

    Raises UnknownProtocolError where Blizzard published none.
    """
    table = _data()["builds"].get(base_build)
    if table is None:
        raise UnknownProtocolError(
            "unknown_protocol",
            f"no protocol for base build {base_build} (at hand: {len(builds())} builds, "
            f"{builds()[0]} to {builds()[-1]}); use one of protocols.nearest({base_build})",
        )
    return Protocol(base_build=base_build, **_table(table))


def nearest(base_build: int) -> list[int]:
    """Every build with a protocol, the likeliest to fit ``base_build`` first.

    The exact one, then the higher ones upwards, then the lower ones downwards: of 70 game-event streams with no
    protocol of their own 59 fit the next higher one and 10 the next lower.
    """
    higher = [build for build in builds() if build >= base_build]
    lower = [build for build in builds() if build < base_build]
    return higher + lower[::-1]


def same_types(one: Protocol, other: Protocol) -> bool:
    """Whether two builds read and write every stream alike, so that trying the second after the first is in vain."""
    return one.typeinfos is other.typeinfos


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(gzip.decompress(DATA_FILE.read_bytes()))
    data["builds"] = {int(build): table for build, table in data["builds"].items()}
    return data


@cache
def _table(number: int) -> dict[str, Any]:
    data = _data()
    table = data["tables"][number]
    event_types = ("game_event_types", "message_event_types", "tracker_event_types")
    return {
        "typeinfos": [_typeinfo(*data["types"][at]) for at in table["typeinfos"]],
        **{name: {event_id: tuple(entry) for event_id, entry in table[name]} for name in event_types},
        "header_typeid": table["replay_header_typeid"],
        "details_typeid": table["game_details_typeid"],
        "initdata_typeid": table["replay_initdata_typeid"],
        "game_eventid_typeid": table["game_eventid_typeid"],
        "message_eventid_typeid": table["message_eventid_typeid"],
        "tracker_eventid_typeid": table["tracker_eventid_typeid"],
        "svaruint32_typeid": table["svaruint32_typeid"],
        "replay_userid_typeid": table["replay_userid_typeid"],
    }


def _typeinfo(kind: str, arguments: list[Any]) -> TypeInfo:
    """Back from JSON, which knows neither tuples nor integer keys, to s2protocol's shape."""
    match kind, arguments:
        case "_struct", [fields]:
            return kind, [[tuple(field) for field in fields]]
        case "_choice", [bounds, fields]:
            return kind, [tuple(bounds), {int(tag): tuple(field) for tag, field in fields.items()}]
        case _:
            return kind, [tuple(value) if isinstance(value, list) else value for value in arguments]
