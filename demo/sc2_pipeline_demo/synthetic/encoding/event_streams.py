"""Writes event streams from decoded events, in the form that s2protocol's decoder yields.

An event is a mapping: ``_event`` (``SUnitBornEvent``, or s2protocol's full name), ``_gameloop`` (non-decreasing),
``_userid`` in game and message streams (the number, or s2protocol's ``{"m_userId": n}``), and the fields of its type
under the names of its own build's schema, ``m_unitTagIndex``. Other keys that begin with ``_`` are ignored.
"""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, TypeAlias

from sc2_pipeline.replay_format.protocols import EventTypes, Protocol, protocol
from sc2_pipeline_demo.synthetic.encoding.bitpacked_encoder import BitPackedEncoder, BitWriter
from sc2_pipeline_demo.synthetic.encoding.versioned_encoder import VersionedEncoder, vint

Event: TypeAlias = Mapping[str, Any]
"""One event, decoded."""

_LOOP_CHOICES = (("m_uint6", 6), ("m_uint14", 14), ("m_uint22", 22), ("m_uint32", 32))
_LOOP_PREFIXES = tuple(b"\x03" + vint(tag) + b"\x09" for tag in range(len(_LOOP_CHOICES)))


def tracker_stream(base_build: int, events: Iterable[Event]) -> bytes:
    """``replay.tracker.events``. Raises ValueError for an event that is not in the build's schema."""
    known = protocol(base_build)
    encoder = _versioned(base_build)
    ids = _ids_by_name(base_build, "tracker")
    out = bytearray()
    loop = 0
    for event in events:
        event_id, typeid = _known_event(ids, event, base_build)
        delta = _delta(event, loop)
        loop += delta
        # The choice with the narrowest loop counter that holds the delta, then the numbers, as the game writes them.
        out += _LOOP_PREFIXES[_loop_choice(delta)] + vint(delta) + b"\x09" + vint(event_id)
        try:
            encoder.writer(typeid)(out, event)
        except (ValueError, TypeError, KeyError) as fault:
            raise _unwritable(event, fault) from fault
    if not known.tracker_event_types and out:
        raise ValueError(f"base build {base_build} has no tracker events (they begin with 26490)")
    return bytes(out)


def game_stream(base_build: int, events: Iterable[Event]) -> bytes:
    """``replay.game.events``. Raises ValueError for an event that is not in the build's schema."""
    return _packed_stream(base_build, events, "game")


def message_stream(base_build: int, events: Iterable[Event]) -> bytes:
    """``replay.message.events``. Raises ValueError for an event that is not in the build's schema."""
    return _packed_stream(base_build, events, "message")


@cache
def has_event(base_build: int, name: str) -> bool:
    """Whether that build has the event in any stream."""
    return any(name in _ids_by_name(base_build, stream) for stream in ("tracker", "game", "message"))


@cache
def fields_of(base_build: int, name: str) -> frozenset[str]:
    """Names of an event's fields in that build; empty if the build lacks the event."""
    typeinfos = protocol(base_build).typeinfos
    for stream in ("tracker", "game", "message"):
        if name in (ids := _ids_by_name(base_build, stream)):
            kind, arguments = typeinfos[ids[name][1]]
            return frozenset(field[0] for field in arguments[0]) if kind == "_struct" else frozenset()
    return frozenset()


def _packed_stream(base_build: int, events: Iterable[Event], stream: str) -> bytes:
    known = protocol(base_build)
    if known.replay_userid_typeid is None:
        raise ValueError(f"event streams of base build {base_build} name no users; nobody knows how to write them")
    encoder = _bitpacked(base_build)
    ids = _ids_by_name(base_build, stream)
    event_id_typeid = known.game_eventid_typeid if stream == "game" else known.message_eventid_typeid
    write_loop = encoder.writer(known.svaruint32_typeid)
    write_user = encoder.writer(known.replay_userid_typeid)
    write_id = encoder.writer(event_id_typeid)
    out = BitWriter()
    loop = 0
    for event in events:
        event_id, typeid = _known_event(ids, event, base_build)
        delta = _delta(event, loop)
        loop += delta
        user = event["_userid"]
        try:
            write_loop(out, {_LOOP_CHOICES[_loop_choice(delta)][0]: delta})
            write_user(out, user if isinstance(user, Mapping) else {"m_userId": user})
            write_id(out, event_id)
            encoder.writer(typeid)(out, event)
        except (ValueError, TypeError, KeyError) as fault:
            raise _unwritable(event, fault) from fault
        out.align()
    return out.content()


def _known_event(ids: Mapping[str, tuple[int, int]], event: Event, base_build: int) -> tuple[int, int]:
    name = str(event["_event"]).rpartition(".")[2]
    if name not in ids:
        raise ValueError(f"base build {base_build} has no event {name} in this stream (it has: {', '.join(ids)})")
    return ids[name]


def _delta(event: Event, loop: int) -> int:
    delta: int = event["_gameloop"] - loop
    if not 0 <= delta < 1 << 32:
        raise ValueError(f"events go backwards in time, from game loop {loop} to {loop + delta}; sort them")
    return delta


@lru_cache
def _loop_choice(delta: int) -> int:
    return [delta < 1 << bits for _, bits in _LOOP_CHOICES].index(True)


def _unwritable(event: Event, fault: Exception) -> ValueError:
    return ValueError(f"{event['_event']} at game loop {event['_gameloop']} cannot be written: {fault}")


@cache
def _ids_by_name(base_build: int, stream: str) -> dict[str, tuple[int, int]]:
    known: Protocol = protocol(base_build)
    types: dict[str, EventTypes] = {
        "tracker": known.tracker_event_types,
        "game": known.game_event_types,
        "message": known.message_event_types,
    }
    return {name.rpartition(".")[2]: (event_id, typeid) for event_id, (typeid, name) in types[stream].items()}


@cache
def _versioned(base_build: int) -> VersionedEncoder:
    return VersionedEncoder(protocol(base_build).typeinfos)


@cache
def _bitpacked(base_build: int) -> BitPackedEncoder:
    return BitPackedEncoder(protocol(base_build).typeinfos)
