"""Which game events are wanted, and what of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from sc2_pipeline.errors import UnknownProtocolError
from sc2_pipeline.replay_format.game_events import layout
from sc2_pipeline.replay_format.game_events.compiler import Compiled, Schema, WantedEvent, compiled
from sc2_pipeline.replay_format.game_events.takeovers import TAKEOVER_EVENT
from sc2_pipeline.replay_format.protocols import EventTypes, Protocol, builds, protocol, same_types

OLDEST_BUILD: Final = 24944
"""First build with a protocol whose events name users; those before cannot be decoded by any tool."""

_TARGET_UNIT = {
    "m_tag": "target_tag",
    "m_snapshotUnitLink": "target_link",
    "m_snapshotPoint.x": "x",
    "m_snapshotPoint.y": "y",
}
"""A column stands where it is first named: ``commands._Fold`` takes the rows in this order."""
_MASK = {"": "mask_kind", ".Mask": "mask", ".OneIndices": "mask", ".ZeroIndices": "mask"}

# Commonest first: that is the order in which the decoder asks. The values are names of variables in its source.
WANTED_GAME_EVENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "SCameraUpdateEvent": {},
    "SControlGroupUpdateEvent": {
        "m_controlGroupIndex": "group",
        "m_controlGroupUpdate": "update",
        **{f"m_mask{branch}": name for branch, name in _MASK.items()},
    },
    "SCommandManagerStateEvent": {"m_state": "state", "m_sequence": "sequence"},
    "SSelectionDeltaEvent": {
        "m_controlGroupId": "group",
        **{f"m_delta.m_removeMask{branch}": name for branch, name in _MASK.items()},
        "m_delta.m_addUnitTags": "added_tags",
    },
    "SCmdEvent": {
        "m_cmdFlags": "flags",
        "m_abil.m_abilLink": "ability_link",
        "m_abil.m_abilCmdIndex": "ability_index",
        "m_data": "target_kind",
        "m_data.TargetPoint.x": "x",
        "m_data.TargetPoint.y": "y",
        **{f"m_data.TargetUnit.{field}": name for field, name in _TARGET_UNIT.items()},
    },
    "SCmdUpdateTargetPointEvent": {"m_target.x": "x", "m_target.y": "y"},
    "SCmdUpdateTargetUnitEvent": {f"m_target.{field}": name for field, name in _TARGET_UNIT.items()},
    "SGameUserLeaveEvent": {"m_leaveReason": "reason"},
    TAKEOVER_EVENT: {"m_method": "method"},
}

WANTED_MESSAGES: Final[Mapping[str, Mapping[str, str]]] = {
    "SChatMessage": {"m_recipient": "recipient", "m_string": "text"}
}


@dataclass(frozen=True, slots=True)
class EventDecoder:
    """The compiled decoder of one kind of stream in one schema."""

    compiled: Compiled
    columns: Mapping[str, tuple[str, ...]]
    """Of each wanted event that the schema has, by its short name."""
    names: Mapping[int, str]
    """Short names of the wanted events by event id."""


def game_event_decoder(base_build: int) -> EventDecoder:
    """The decoder of that build's game events.

    Raises UnknownProtocolError where Blizzard published none.
    """
    return _game_event_decoder(first_alike(base_build))


def every_event_decoder(base_build: int) -> EventDecoder:
    """A decoder that keeps when, by whom and of which kind every event of that build was, and no more.

    Raises UnknownProtocolError where Blizzard published none.
    """
    return _every_event_decoder(first_alike(base_build))


def message_decoder(base_build: int) -> EventDecoder:
    """The decoder of that build's chat and pings.

    Raises UnknownProtocolError where Blizzard published none.
    """
    return _message_decoder(first_alike(base_build))


@cache
def first_alike(base_build: int) -> int:
    """The oldest build whose types are those of ``base_build``: one decoder serves them all.

    Raises UnknownProtocolError where Blizzard published none.
    """
    wanted = protocol(base_build)
    return next(build for build in builds() if same_types(protocol(build), wanted))


@cache
def _game_event_decoder(base_build: int) -> EventDecoder:
    known = protocol(base_build)
    return _decoder(known, known.game_event_types, known.game_eventid_typeid, WANTED_GAME_EVENTS)


@cache
def _every_event_decoder(base_build: int) -> EventDecoder:
    known = protocol(base_build)
    common = dict.fromkeys(WANTED_GAME_EVENTS, cast("Mapping[str, str]", {}))
    return _decoder(known, known.game_event_types, known.game_eventid_typeid, common, keeps_all=True)


@cache
def _message_decoder(base_build: int) -> EventDecoder:
    known = protocol(base_build)
    return _decoder(known, known.message_event_types, known.message_eventid_typeid, WANTED_MESSAGES)


def _decoder(
    known: Protocol,
    event_types: EventTypes,
    event_id_type: int,
    wanted: Mapping[str, Mapping[str, str]],
    *,
    keeps_all: bool = False,
) -> EventDecoder:
    if known.replay_userid_typeid is None:
        raise UnknownProtocolError(
            "unknown_protocol",
            f"events of base build {known.base_build} name no users (before {OLDEST_BUILD}): nothing decodes them",
        )
    ids = {name.rsplit(".", 1)[-1]: (event_id, typeid) for event_id, (typeid, name) in event_types.items()}
    chosen = {}
    for name, fields in wanted.items():
        if name in ids:
            event_id, typeid = ids[name]
            columns = tuple(dict.fromkeys(fields.values()))
            steps = layout.steps(known.typeinfos, typeid, fields)
            is_placed = name == TAKEOVER_EVENT and not keeps_all
            chosen[event_id] = WantedEvent(event_id, steps, columns, is_placed=is_placed)
    others = {
        event_id: layout.steps(known.typeinfos, typeid, {})
        for event_id, (typeid, _) in event_types.items()
        if event_id not in chosen
    }
    schema = Schema(
        user_width=_width(known, known.replay_userid_typeid),
        event_id_width=_width(known, event_id_type),
        wanted=tuple(chosen.values()),
        others=others,
        keeps_all=keeps_all,
    )
    names = {event_id: name for name, (event_id, _) in ids.items() if event_id in chosen or keeps_all}
    return EventDecoder(compiled(schema), {names[event_id]: event.columns for event_id, event in chosen.items()}, names)


def _width(known: Protocol, typeid: int) -> int:
    width = layout.fixed_width(layout.steps(known.typeinfos, typeid, {}))
    if width is None:
        raise ValueError(f"type {typeid} of base build {known.base_build} has no fixed width")
    return width
