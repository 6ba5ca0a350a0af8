"""Reads any tracker stream event by event: unknown fields, odd order, and the good prefix of a corrupt one.

Much slower than ``tracker_bulk``, which reads only the layout that the game writes; this reader takes over when that one stops.
"""

from array import array
from collections import defaultdict

import numpy as np

from sc2_pipeline.replay_format.tracker_fields import (
    ABSENT,
    FIELD_COUNTS,
    FIELDS,
    MAX_EVENTS,
    MAX_NAME_BYTES,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    NUMBER,
    PLAYER_STATS,
    STATS,
    UNIT_POSITIONS,
    UPGRADE,
    DecodedStream,
    EventColumns,
    Numbers,
)
from sc2_pipeline.replay_format.versioned import ARRAY, BLOB, CHOICE, OPTIONAL, STRUCT, VINT, Cursor, WireError
from sc2_pipeline.storable import text_of

_TAG = frozenset({"tag_index", "tag_recycle"})
_UPGRADE = frozenset({"player_id", "upgrade"})


def read_to_the_end(reader: "EventReader") -> DecodedStream:
    """Everything that the reader has read, and all further events up to the end or the first fault; never raises."""
    fault = None
    try:
        while reader.cursor.left:
            reader.read_event()
    except WireError as error:
        at = reader.cursor.position
        fault = f"{error}, after {reader.event_count} good events (byte {at} of {at + reader.cursor.left})"
    return DecodedStream(
        events={event_id: reader.columns(event_id) for event_id in reader.event_ids},
        names=reader.names,
        event_count=reader.event_count,
        fault=fault,
    )


class EventReader:
    """Rows (event index, game loop, fields ...) by event id, filled an event at a time."""

    def __init__(self, data: bytes, *, max_events: int = MAX_EVENTS) -> None:
        self.cursor = Cursor(data)
        self.max_events = max_events
        self.numbers_of_names: dict[bytes, int] = {}
        self.event_count = 0
        self.game_loop = 0
        self._rows: dict[int, array[int]] = defaultdict(lambda: array("q"))
        self._items = array("q")

    @property
    def event_ids(self) -> list[int]:
        """The kinds of events read so far."""
        return list(self._rows)

    @property
    def names(self) -> list[str]:
        """Type, upgrade and ability names by their numbers."""
        return [text_of(name) for name in self.numbers_of_names]

    def add_rows(self, event_id: int, rows: Numbers, items: Numbers) -> None:
        """Adds events that another reader decoded: rows of event index, game loop and fields."""
        self._rows[event_id].frombytes(rows.tobytes())
        self._items.frombytes(items.tobytes())

    def read_event(self) -> None:
        """Reads one whole event; raises WireError and keeps nothing of it when it is damaged."""
        if self.event_count >= self.max_events:
            raise WireError(f"more than {self.max_events} events")
        cursor = self.cursor
        cursor.expect(CHOICE)
        cursor.vint()
        # The counter is modulo 2^32: a game resumed from a replay steps back by a delta near that.
        game_loop = (self.game_loop + self._number()) % 2**32
        event_id = self._number()
        cursor.expect(STRUCT)
        if event_id == PLAYER_STATS:
            fields = self._player_stats()
        elif event_id == UNIT_POSITIONS:
            fields = self._unit_positions()
        elif event_id in FIELDS:
            fields = self._fields(FIELDS[event_id])
            _refuse_gaps(event_id, fields)
        else:
            raise WireError(f"unknown event {event_id}")
        self._rows[event_id].extend((self.event_count, game_loop, *fields))
        self.game_loop = game_loop
        self.event_count += 1

    def columns(self, event_id: int) -> EventColumns:
        """The events of one kind read so far."""
        columns = np.array(self._rows[event_id]).reshape(-1, 2 + FIELD_COUNTS[event_id]).T
        items = np.array(self._items).reshape(-1, 3).T if event_id == UNIT_POSITIONS else None
        return EventColumns(event_index=columns[0], game_loop=columns[1], fields=columns[2:], items=items)

    def _fields(self, kinds: tuple[tuple[str, int], ...]) -> list[int]:
        values = [ABSENT] * len(kinds)
        for _ in range(self.cursor.length()):
            field = self.cursor.vint()
            if 0 <= field < len(kinds):
                values[field] = self._value(kinds[field][1])
            else:
                self.cursor.skip()
        return values

    def _value(self, kind: int) -> int:
        if kind in (MAYBE_NUMBER, MAYBE_TEXT):
            self.cursor.expect(OPTIONAL)
            if not self.cursor.byte():
                return ABSENT
        return self._number() if kind in (NUMBER, MAYBE_NUMBER) else self._text()

    def _number(self) -> int:
        self.cursor.expect(VINT)
        value = self.cursor.vint()
        if not -(2**62) < value < 2**62:
            raise WireError(f"a number of {value.bit_length()} bits")
        return value

    def _text(self) -> int:
        self.cursor.expect(BLOB)
        name = self.cursor.chunk(self.cursor.length())
        if len(name) > MAX_NAME_BYTES:
            raise WireError(f"a name of {len(name)} bytes")
        return self.numbers_of_names.setdefault(name, len(self.numbers_of_names))

    def _player_stats(self) -> list[int]:
        player_id, values = ABSENT, [ABSENT] * len(STATS)
        for _ in range(self.cursor.length()):
            field = self.cursor.vint()
            if field == 0:
                player_id = self._number()
            elif field == 1:
                self.cursor.expect(STRUCT)
                values = self._fields(tuple((name, NUMBER) for name in STATS))
            else:
                self.cursor.skip()
        if player_id == ABSENT:
            raise WireError("player statistics without their player")
        return [player_id, *values]

    def _unit_positions(self) -> list[int]:
        first, items = ABSENT, []
        for _ in range(self.cursor.length()):
            field = self.cursor.vint()
            if field == 0:
                first = self._number()
            elif field == 1:
                self.cursor.expect(ARRAY)
                items = [self._number() for _ in range(self.cursor.length())]
            else:
                self.cursor.skip()
        if first == ABSENT:
            raise WireError("unit positions without their first unit")
        if len(items) % 3:
            raise WireError(f"unit positions of {len(items)} numbers, which are no triples")
        self._items.extend(items)
        return [first, len(items) // 3]


def _refuse_gaps(event_id: int, fields: list[int]) -> None:
    """Raises WireError for an event without its unit or, for an upgrade, its player: such an event is damaged.

    Other fields may be absent: the corrupt stream among the real replays has such an event in its intact part.
    """
    for (name, _), value in zip(FIELDS[event_id], fields, strict=True):
        if value == ABSENT and (name in _TAG or (event_id == UPGRADE and name in _UPGRADE)):
            raise WireError(f"an event of kind {event_id} without its {name}")
