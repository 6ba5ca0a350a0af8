"""A replay's tracker stream as columns: one Arrow batch per family of events."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa

from sc2_pipeline.replay_format import tracker_bulk
from sc2_pipeline.replay_format.tracker_careful import EventReader, read_to_the_end
from sc2_pipeline.replay_format.tracker_fields import (
    ABSENT,
    FIELD_COUNTS,
    FIELDS,
    MAX_EVENTS,
    PLAYER_SETUP,
    PLAYER_STATS,
    STATS,
    UNIT_BORN,
    UNIT_DIED,
    UNIT_DONE,
    UNIT_INIT,
    UNIT_OWNER_CHANGE,
    UNIT_POSITIONS,
    UNIT_TYPE_CHANGE,
    UPGRADE,
    DecodedStream,
    EventColumns,
    Numbers,
)

MEMBER: Final = "replay.tracker.events"

UNIT_EVENT_NAMES: Final = {
    UNIT_BORN: "born",
    UNIT_DIED: "died",
    UNIT_OWNER_CHANGE: "owner_change",
    UNIT_TYPE_CHANGE: "type_change",
    UNIT_INIT: "init",
    UNIT_DONE: "done",
}

FINE_POSITIONS_SINCE_BUILD: Final = 27950

RecordBatch: TypeAlias = pa.RecordBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerEvents:
    """All events of a tracker stream, as one Arrow batch for each family, in stream order.

    All batches begin with ``event_index`` (place in the stream, all kinds counted) and ``game_loop``; numbers are
    int64, names are strings, and fields that an event lacks are null. Positions are the file's: multiply by
    :func:`position_scale` for map cells. Food is the file's: divide by 4096 for supply.
    """

    unit_events: RecordBatch
    """event (a value of UNIT_EVENT_NAMES), unit_tag, unit_type, player_id (in control), upkeep_player_id, x, y,
    killer_player_id, killer_unit_tag, creator_unit_tag, creator_ability."""
    player_stats: RecordBatch
    """player_id and the 39 of STATS, named as in the stream: ``food_used`` for m_scoreValueFoodUsed."""
    upgrade_events: RecordBatch
    """player_id, upgrade, count."""
    unit_positions: RecordBatch
    """item_index (place in the event), unit_index (half a tag: tag >> 18), unit_tag (of the last unit born or begun
    with that index, null where there is none), x, y."""
    player_setups: RecordBatch
    """player_id, type (1 person, 2 computer), user_id, slot_id."""
    event_count: int
    is_complete: bool
    fault: str | None
    """Why reading stopped before the end of the stream; None when it did not."""


def position_scale(base_build: int) -> int:
    """Map cells per unit of x and y: 4 for builds before 27950, which wrote positions in units of 4 cells, else 1."""
    return 1 if base_build >= FINE_POSITIONS_SINCE_BUILD else 4


def decode_tracker(data: bytes, *, max_events: int = MAX_EVENTS) -> TrackerEvents:
    """Decodes the stream ``replay.tracker.events`` of any build; a corrupt one gives its intact beginning and a fault.

    So does a stream of more than ``max_events`` events.
    """
    reader = EventReader(data, max_events=max_events)
    tracker_bulk.read_events(data, reader)
    return as_batches(read_to_the_end(reader))


def as_batches(stream: DecodedStream) -> TrackerEvents:
    """Decoded columns as Arrow batches: absent numbers null, numbered names as text."""
    names = pa.array(stream.names, type=pa.string())
    unit_events = _unit_events(stream, names)
    setup, upgrades, stats = (_of(stream, event_id) for event_id in (PLAYER_SETUP, UPGRADE, PLAYER_STATS))
    return TrackerEvents(
        unit_events=unit_events,
        player_stats=_batch(stats, zip(("player_id", *STATS), map(_number_array, stats.fields), strict=True)),
        upgrade_events=_batch(
            upgrades,
            (
                ("player_id", _number_array(upgrades.fields[0])),
                ("upgrade", _name_array(upgrades.fields[1], names)),
                ("count", _number_array(upgrades.fields[2])),
            ),
        ),
        unit_positions=_unit_positions(stream),
        player_setups=_batch(
            setup,
            (
                (name, _number_array(values))
                for (name, _), values in zip(FIELDS[PLAYER_SETUP], setup.fields, strict=True)
            ),
        ),
        event_count=stream.event_count,
        is_complete=stream.fault is None,
        fault=stream.fault,
    )


def _unit_events(stream: DecodedStream, names: pa.Array) -> RecordBatch:
    """The six kinds of events about one unit, in one batch."""
    kinds = [event_id for event_id in UNIT_EVENT_NAMES if event_id in stream.events]
    parts = [stream.events[event_id] for event_id in kinds]
    indexes = _joined(part.event_index for part in parts)
    order = np.argsort(indexes)

    def column(name: str) -> Numbers:
        return _joined(_field(part, event_id, name) for event_id, part in zip(kinds, parts, strict=True))[order]

    kind_names = pa.array([UNIT_EVENT_NAMES[event_id] for event_id in kinds], type=pa.string())
    kind = _joined(np.full(len(part.event_index), at) for at, part in enumerate(parts))[order]
    every = EventColumns(
        event_index=indexes[order],
        game_loop=_joined(part.game_loop for part in parts)[order],
        fields=np.empty((0, 0), np.int64),
    )
    return _batch(
        every,
        (
            ("event", _name_array(kind, kind_names)),
            ("unit_tag", _number_array(_tags(column("tag_index"), column("tag_recycle")))),
            ("unit_type", _name_array(column("unit_type"), names)),
            ("player_id", _number_array(column("player_id"))),
            ("upkeep_player_id", _number_array(column("upkeep_player_id"))),
            ("x", _number_array(column("x"))),
            ("y", _number_array(column("y"))),
            ("killer_player_id", _number_array(column("killer_player_id"))),
            ("killer_unit_tag", _number_array(_tags(column("killer_tag_index"), column("killer_tag_recycle")))),
            ("creator_unit_tag", _number_array(_tags(column("creator_tag_index"), column("creator_tag_recycle")))),
            ("creator_ability", _name_array(column("creator_ability"), names)),
        ),
    )


def _unit_positions(stream: DecodedStream) -> RecordBatch:
    """One row per unit of each positions event; the stream gives each index as a step from the one before."""
    events = _of(stream, UNIT_POSITIONS)
    items = events.items if events.items is not None else np.empty((3, 0), np.int64)
    first, counts = events.fields
    starts = np.cumsum(counts) - counts
    item_index = np.arange(items.shape[1]) - np.repeat(starts, counts)
    # Running sums over all events at once; each event's own begins again at its first index.
    sums = np.cumsum(items[0])
    before = np.where(starts > 0, sums[np.maximum(starts, 1) - 1], 0) if len(sums) else np.zeros_like(starts)
    unit_index = sums + np.repeat(first - before, counts)
    every = EventColumns(
        event_index=np.repeat(events.event_index, counts),
        game_loop=np.repeat(events.game_loop, counts),
        fields=np.empty((0, 0), np.int64),
    )
    return _batch(
        every,
        (
            ("item_index", _number_array(item_index)),
            ("unit_index", _number_array(unit_index)),
            ("unit_tag", _number_array(_tags_in_use(stream, unit_index, every.event_index))),
            ("x", _number_array(items[1])),
            ("y", _number_array(items[2])),
        ),
    )


def _tags_in_use(stream: DecodedStream, unit_index: Numbers, event_index: Numbers) -> Numbers:
    """The tag that each unit index stood for at each event: that of the last unit born or begun with that index."""
    starts = [stream.events[event_id] for event_id in (UNIT_BORN, UNIT_INIT) if event_id in stream.events]
    if not starts or not len(unit_index):
        return np.full(len(unit_index), ABSENT)
    at = _joined(part.event_index for part in starts)
    index = _joined(part.fields[0] for part in starts)
    tag = _tags(index, _joined(part.fields[1] for part in starts))
    order = np.lexsort((at, index))
    at, index, tag = at[order], index[order], tag[order]
    span = stream.event_count + 1
    place = np.searchsorted(index * span + at, unit_index * span + event_index) - 1
    return np.where((place >= 0) & (index[place] == unit_index), tag[place], ABSENT)


def _field(part: EventColumns, event_id: int, name: str) -> Numbers:
    for number, (field, _) in enumerate(FIELDS[event_id]):
        if field == name:
            return np.asarray(part.fields[number], dtype=np.int64)
    return np.full(len(part.event_index), ABSENT)


def _of(stream: DecodedStream, event_id: int) -> EventColumns:
    """The events of one kind; no rows when the stream has none."""
    empty = np.empty(0, np.int64)
    return stream.events.get(event_id) or EventColumns(
        event_index=empty, game_loop=empty, fields=np.empty((FIELD_COUNTS[event_id], 0), np.int64)
    )


def _joined(parts: Iterable[Numbers]) -> Numbers:
    return np.concatenate([np.empty(0, np.int64), *parts])


def _tags(index: Numbers, recycle: Numbers) -> Numbers:
    return np.where((index == ABSENT) | (recycle == ABSENT), ABSENT, (index << 18) + recycle)


def _number_array(values: Numbers) -> pa.Array:
    return pa.array(values, mask=values == ABSENT)


def _name_array(numbers: Numbers, names: pa.Array) -> pa.Array:
    return names.take(pa.array(numbers, mask=numbers == ABSENT))


def _batch(events: EventColumns, columns: Iterable[tuple[str, pa.Array]]) -> RecordBatch:
    named = {"event_index": pa.array(events.event_index), "game_loop": pa.array(events.game_loop)} | dict(columns)
    return pa.RecordBatch.from_pydict(named)
