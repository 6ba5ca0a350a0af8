"""Reads the tracker layout that the game writes, all events of a window at once, with numpy.

Every event begins ``03 <tag> 09 <loop delta> 09 <event id> 05 <field count>`` and has its fields in order. So the
beginnings are searched in the whole window, each kind's fields are walked for all its events together, and what does
not fit is no beginning. The events that then form an unbroken chain from the window's first byte are the stream;
where the chain ends the careful reader goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from sc2_pipeline.replay_format.tracker_careful import EventReader
from sc2_pipeline.replay_format.tracker_fields import (
    ABSENT,
    FIELD_COUNTS,
    FIELDS,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    NUMBER,
    PLAYER_STATS,
    STATS,
    TEXT,
    UNIT_BORN,
    UNIT_DIED,
    UNIT_POSITIONS,
    Numbers,
)
from sc2_pipeline.replay_format.tracker_window import MIN_FIELD_BYTES, Walk, Window
from sc2_pipeline.replay_format.versioned import CHOICE, STRUCT, VINT

WINDOW_BYTES: Final = 2**20
"""Bytes read in one pass, which takes some 30 times as much memory."""

_EARLIER_FIELD_COUNTS: Final = {UNIT_BORN: (7,), UNIT_DIED: (5,)}
"""Fields that the two earlier schemas had (FIELDS has the last one's)."""

_MAX_POSITION_NUMBERS: Final = 1023
"""The schema counts them in 10 bits."""


@dataclass(frozen=True, slots=True)
class _Beginnings:
    """Where events may begin, their loop deltas, ids and field counts, and where their fields begin."""

    starts: Numbers
    deltas: Numbers
    event_ids: Numbers
    counts: Numbers
    bodies: Numbers

    def kept(self, at: Numbers) -> "_Beginnings":
        """Only the chosen ones."""
        return _Beginnings(self.starts[at], self.deltas[at], self.event_ids[at], self.counts[at], self.bodies[at])


@dataclass(frozen=True, slots=True)
class _Kind:
    """Events of one kind and field count: where they begin and end, their fields, their texts."""

    event_id: int
    starts: Numbers
    deltas: Numbers
    ends: Numbers
    fields: Numbers
    """One row per field, one column per event; texts are still empty."""
    texts: dict[int, tuple[Numbers, Numbers]]
    """Field number to the first byte of each text and the one behind its last."""
    items: Numbers
    item_events: Numbers
    """For each item, the column of its event."""

    def kept(self, at: Numbers) -> "_Kind":
        """Only the events at these columns, which must increase."""
        place = np.full(len(self.starts), -1)
        place[at] = np.arange(len(at))
        item_events = place[self.item_events]
        is_kept = item_events >= 0
        return _Kind(
            event_id=self.event_id,
            starts=self.starts[at],
            deltas=self.deltas[at],
            ends=self.ends[at],
            fields=self.fields[:, at],
            texts={number: (first[at], end[at]) for number, (first, end) in self.texts.items()},
            items=self.items[:, is_kept],
            item_events=item_events[is_kept],
        )


def read_events(data: bytes, reader: EventReader) -> None:
    """Reads events into ``reader`` from its current position, as far as they have the usual layout."""
    while reader.cursor.left and reader.event_count < reader.max_events:
        start = reader.cursor.position
        window = data[start : start + WINDOW_BYTES]
        consumed = _read_window(window, reader)
        reader.cursor.position = start + consumed
        # An event is far shorter than a window: one that does not fit here is not of the usual layout.
        if consumed <= len(window) // 2:
            return


def _read_window(data: bytes, reader: EventReader) -> int:
    """Adds the unbroken chain of events from the first byte on; returns its length in bytes."""
    kinds = [kind for kind in _kinds(Window(data)) if len(kind.starts)]
    if not kinds:
        return 0
    starts = np.concatenate([kind.starts for kind in kinds])
    order = np.argsort(starts)
    starts = starts[order]
    ends = np.concatenate([kind.ends for kind in kinds])[order]
    chain = _chain(starts, ends)[: reader.max_events - reader.event_count]
    if not len(chain):
        return 0
    # Of each event found: its place in the stream, or -1 for a false one.
    place = np.full(len(order), -1)
    place[order[chain]] = np.arange(len(chain))
    deltas = np.concatenate([kind.deltas for kind in kinds])[order[chain]]
    # The counter is modulo 2^32: a game resumed from a replay steps back by a delta near that.
    loops = (reader.game_loop + np.cumsum(deltas)) & 0xFFFFFFFF
    offset = 0
    for kind in kinds:
        places = place[offset : offset + len(kind.starts)]
        offset += len(kind.starts)
        kept = np.flatnonzero(places >= 0)
        if len(kept):
            _add(data, reader, kind.kept(kept), places[kept], loops)
    reader.event_count += len(chain)
    reader.game_loop = int(loops[-1])
    return int(ends[chain[-1]])


def _chain(starts: Numbers, ends: Numbers) -> Numbers:
    """The events of the chain, by start: the first begins at byte 0, each other one where the one before ends."""
    if starts[0] == 0 and np.array_equal(starts[1:], ends[:-1]):
        return np.arange(len(starts))
    following = np.searchsorted(starts, ends).tolist()
    begins = [*starts.tolist(), -1]
    ends_at = ends.tolist()
    chain, at = [], 0
    expected = 0
    while at < len(ends_at) and begins[at] == expected:
        chain.append(at)
        expected = ends_at[at]
        at = following[at]
    return np.array(chain, dtype=np.int64)


def _add(data: bytes, reader: EventReader, kind: _Kind, places: Numbers, loops: Numbers) -> None:
    """Hands events over to the reader as rows: event index, game loop, fields."""
    numbers = reader.numbers_of_names
    for field, (first, end) in kind.texts.items():
        at = np.flatnonzero(kind.fields[field] != ABSENT)
        spans = zip(first[at].tolist(), end[at].tolist(), strict=True)
        kind.fields[field, at] = [numbers.setdefault(data[start:stop], len(numbers)) for start, stop in spans]
    rows = np.full((len(places), 2 + FIELD_COUNTS[kind.event_id]), ABSENT)
    rows[:, 0] = reader.event_count + places
    rows[:, 1] = loops[places]
    rows[:, 2 : 2 + len(kind.fields)] = kind.fields.T
    reader.add_rows(kind.event_id, rows, kind.items.T)


def _kinds(window: Window) -> Iterator[_Kind]:
    """All candidates for events, by kind and field count."""
    beginnings = _beginnings(window)
    for event_id in FIELD_COUNTS:
        of_kind = beginnings.event_ids == event_id
        full = 2 if event_id in (PLAYER_STATS, UNIT_POSITIONS) else FIELD_COUNTS[event_id]
        for count in (full, *_EARLIER_FIELD_COUNTS.get(event_id, ())):
            at = np.flatnonzero(of_kind & (beginnings.counts == count))
            if not _can_all_be_real(window, len(at), count):
                continue
            if len(at) and event_id == PLAYER_STATS:
                yield from _walked_stats(window, beginnings.kept(at))
            elif len(at):
                yield _walked(window, event_id, count, beginnings.kept(at))


def _can_all_be_real(window: Window, events: int, fields: int) -> bool:
    """Whether that many events with that many fields fit into the window without overlap; overlapping ones could fill the memory.

    If not, the file is hostile, and the careful reader finds out which events are real.
    """
    return events * fields * MIN_FIELD_BYTES <= 2 * window.size


def _beginnings(window: Window) -> _Beginnings:
    content = window.bytes
    starts = np.flatnonzero((content[: window.size] == CHOICE) & (content[2 : window.size + 2] == VINT))
    first = starts + 3
    last = window.last_of_number(first)
    at = window.clipped(last + 1)
    event_byte, count_byte, tag = content[at + 1], content[at + 3], content[starts + 1]
    fits = (content[at] == VINT) & (content[at + 2] == STRUCT) & (last - first < 5)
    fits &= (tag <= 6) & (tag & 1 == 0) & (event_byte < 20) & (event_byte & 1 == 0) & (count_byte < 40)
    kept = np.flatnonzero(fits)
    at = at[kept]
    deltas = window.values(first[kept], last[kept])
    return _Beginnings(starts[kept], deltas, content[at + 1] >> 1, content[at + 3] >> 1, at + 4)


def _walked(window: Window, event_id: int, count: int, beginnings: _Beginnings) -> _Kind:
    """The events of one kind whose fields are valid."""
    walk = Walk(window, beginnings.bodies)
    items, item_events = np.empty((3, 0), np.int64), np.empty(0, np.int64)
    if event_id == UNIT_POSITIONS:
        walk.numbers(0, 1)
        items, item_events = walk.array_of_triples(1, _MAX_POSITION_NUMBERS)
    else:
        _walk_fields(walk, FIELDS[event_id][:count])
    fields = walk.fields()
    if event_id == UNIT_POSITIONS:
        fields[1] //= 3
    kind = _Kind(event_id, beginnings.starts, beginnings.deltas, walk.at, fields, walk.texts, items, item_events)
    return kind.kept(walk.fitting())


def _walk_fields(walk: Walk, kinds: tuple[tuple[str, int], ...]) -> None:
    at = 0
    while at < len(kinds):
        kind = kinds[at][1]
        run = 1
        if kind == NUMBER:
            while at + run < len(kinds) and kinds[at + run][1] == NUMBER:
                run += 1
            walk.numbers(at, run)
        elif kind == TEXT:
            walk.text(at)
        elif kind == MAYBE_NUMBER:
            walk.maybe_number(at)
        elif kind == MAYBE_TEXT:
            walk.maybe_text(at)
        at += run


def _walked_stats(window: Window, beginnings: _Beginnings) -> Iterator[_Kind]:
    """Statistics: a player and a struct of numbers, 33 of them in the first schema, 39 since."""
    head = Walk(window, beginnings.bodies)
    head.numbers(0, 1)
    counts = head.struct(1)
    player_ids = head.fields()
    for count in np.unique(counts[(counts > 0) & (counts <= len(STATS))]).tolist():
        at = np.flatnonzero((counts == count) & head.fits)
        if not _can_all_be_real(window, len(at), count):
            continue
        walk = Walk(window, head.at[at])
        walk.numbers(0, count)
        fields = np.concatenate([player_ids[:, at], walk.fields()])
        none = np.empty((3, 0), np.int64)
        kind = _Kind(PLAYER_STATS, beginnings.starts[at], beginnings.deltas[at], walk.at, fields, {}, none, none[0])
        yield kind.kept(walk.fitting())
