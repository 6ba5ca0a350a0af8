"""Many events' fields walked side by side: one numpy step moves every event over one field."""

from typing import Final

import numpy as np
import numpy.typing as npt

from sc2_pipeline.replay_format.tracker_fields import ABSENT, MAX_NAME_BYTES, Numbers
from sc2_pipeline.replay_format.versioned import ARRAY, BLOB, OPTIONAL, STRUCT, VINT

Flags = npt.NDArray[np.bool_]

_PADDING: Final = bytes(512)
"""Zeros after a window: a false event near its end can be read on without a bounds check, and turns out too long."""

_MAX_NUMBER_BYTES: Final = 5
"""Enough for 32 bits and a sign; the game writes no longer numbers here."""


MIN_FIELD_BYTES: Final = 3
"""A tag, a kind and a value."""


class Window:
    """A part of a stream, and where each number that begins in it ends.

    A number's bytes but its last are 0x80 and above. So are no tags or kinds: the bytes below 0x80, in order, are
    landmarks, and a run of numbers has one every so many.
    """

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self.bytes = np.frombuffer(data + _PADDING, np.uint8)
        is_landmark = self.bytes < 0x80
        self._landmarks = np.flatnonzero(is_landmark)
        self._count = np.cumsum(is_landmark, dtype=np.int32)

    def rank(self, at: Numbers) -> Numbers:
        """How many landmarks there are before each place (which is never 0)."""
        return self._count[at - 1].astype(np.int64)

    def landmark(self, rank: Numbers) -> Numbers:
        """Where the landmark of each rank is; the window's last one for ranks behind it."""
        return self._landmarks[np.minimum(rank, len(self._landmarks) - 1)]

    def last_of_number(self, first: Numbers) -> Numbers:
        """Where the numbers that begin at ``first`` have their last bytes."""
        return self._landmarks[self._count[first - 1]]

    def clipped(self, at: Numbers) -> Numbers:
        """Positions, with those beyond the window's end moved to one beyond it, where they can still be detected."""
        return np.minimum(at, self.size + 1)

    def values(self, first: Numbers, last: Numbers) -> Numbers:
        """The numbers between these bytes, both included; ABSENT where ``last`` is before ``first``."""
        head = self.bytes[first].astype(np.int64)
        value = head >> 1 & 0x3F
        length = last - first
        for more in range(1, _MAX_NUMBER_BYTES):
            longer = np.nonzero(length >= more)
            if not len(longer[0]):
                break
            value[longer] |= (self.bytes[first[longer] + more].astype(np.int64) & 0x7F) << (7 * more - 1)
        np.negative(value, out=value, where=(head & 1).astype(bool))
        value[length < 0] = ABSENT
        return value


class Walk:
    """The current position in each of many events, which of them are still valid, and the fields read so far."""

    def __init__(self, window: Window, at: Numbers) -> None:
        self.at = window.clipped(at)
        self.fits: Flags = np.ones(len(at), bool)
        self.texts: dict[int, tuple[Numbers, Numbers]] = {}
        self._window = window
        self._first: list[Numbers] = []
        self._last: list[Numbers] = []

    def fitting(self) -> Numbers:
        """The events that were valid to their end and end within the window."""
        return np.flatnonzero(self.fits & (self.at <= self._window.size))

    def fields(self) -> Numbers:
        """The numbers read, one row per field; a text's row holds a meaningless number."""
        first, last = np.stack(self._first), np.stack(self._last)
        self.fits &= (last - first < _MAX_NUMBER_BYTES).all(axis=0)
        return self._window.values(first, last)

    def numbers(self, field: int, count: int) -> None:
        """Over ``count`` numbers, from this field on: tag, kind and last byte of each are three landmarks."""
        ranks = self._window.rank(self.at) + np.arange(3 * count)[:, None]
        marks = self._window.landmark(ranks).reshape(count, 3, len(self.at))
        tags, kinds, lasts = marks[:, 0], marks[:, 1], marks[:, 2]
        content = self._window.bytes
        expected_tags = np.concatenate([self.at[None], lasts[:-1] + 1])
        fits = (tags == expected_tags) & (kinds == tags + 1)
        fits &= (content[tags] == 2 * np.arange(field, field + count)[:, None]) & (content[kinds] == VINT)
        self.fits &= fits.all(axis=0)
        self._first.extend(kinds + 1)
        self._last.extend(lasts)
        self._move(lasts[-1] + 1)

    def text(self, field: int) -> None:
        """Moves over a text; keeps the positions of its first byte and of the byte after it."""
        self._expect(self.at, 2 * field, BLOB)
        self._text(field, self.at + 2, np.ones(len(self.at), bool))

    def maybe_number(self, field: int) -> None:
        """Moves over an optional number."""
        is_there = self._optional(field)
        content, first = self._window.bytes, self.at + 4
        self.fits &= ~is_there | (content[self.at + 3] == VINT)
        last = self._window.last_of_number(first)
        self._first.append(first)
        self._last.append(np.where(is_there, last, first - 1))
        self._move(np.where(is_there, last + 1, self.at + 3))

    def maybe_text(self, field: int) -> None:
        """Moves over an optional text."""
        is_there = self._optional(field)
        self.fits &= ~is_there | (self._window.bytes[self.at + 3] == BLOB)
        self._text(field, self.at + 4, is_there)

    def struct(self, field: int) -> Numbers:
        """Moves into a struct; returns its number of fields, at most 63."""
        self._expect(self.at, 2 * field, STRUCT)
        counts = self._window.bytes[self.at + 2].astype(np.int64)
        self.fits &= counts & 0x81 == 0
        self._move(self.at + 3)
        return counts >> 1

    def array_of_triples(self, field: int, limit: int) -> tuple[Numbers, Numbers]:
        """Over an array of numbers, three and three together; the triples, and of each the number of its event."""
        self._expect(self.at, 2 * field, ARRAY)
        first = self.at + 2
        last = self._window.last_of_number(first)
        counts = self._window.values(first, last)
        self.fits &= (last - first < _MAX_NUMBER_BYTES) & (counts >= 0) & (counts <= limit) & (counts % 3 == 0)
        if int(counts[self.fits].sum()) > self._window.size:
            # A number takes two bytes: these arrays overlap, so they are made up. The careful reader knows which are not.
            self.fits[:] = False
        counts = np.where(self.fits, counts, 0)
        begin = self._window.clipped(last + 1)
        event = np.repeat(np.arange(len(counts)), counts)
        nth = np.arange(len(event)) - np.repeat(np.cumsum(counts) - counts, counts)
        # Kind and last byte of each number are two landmarks.
        rank = np.repeat(self._window.rank(begin), counts) + 2 * nth
        kinds, lasts = self._window.landmark(rank), self._window.landmark(rank + 1)
        expected = np.where(nth == 0, begin[event], np.concatenate([[0], lasts[:-1] + 1])[: len(lasts)])
        misfits = (kinds != expected) | (self._window.bytes[kinds] != VINT) | (lasts - kinds > _MAX_NUMBER_BYTES)
        self.fits &= np.bincount(event[misfits], minlength=len(counts)) == 0
        self._first.append(first)
        self._last.append(last)
        self._move(np.where(counts > 0, self._window.landmark(self._window.rank(begin) + 2 * counts - 1) + 1, begin))
        # Behind the last landmark of all, kinds and last bytes are the same.
        return self._window.values(np.minimum(kinds + 1, lasts), lasts).reshape(-1, 3).T, event[::3]

    def _expect(self, at: Numbers, tag: int, kind: int) -> None:
        content = self._window.bytes
        self.fits &= (content[at] == tag) & (content[at + 1] == kind)

    def _optional(self, field: int) -> Flags:
        self._expect(self.at, 2 * field, OPTIONAL)
        flag = self._window.bytes[self.at + 2]
        self.fits &= flag <= 1
        is_there: Flags = flag == 1
        return is_there

    def _text(self, field: int, first: Numbers, is_there: Flags) -> None:
        last = self._window.last_of_number(first)
        length = self._window.values(first, last)
        is_short = (last - first < _MAX_NUMBER_BYTES) & (length >= 0) & (length <= MAX_NAME_BYTES)
        self.fits &= ~is_there | is_short
        begin = last + 1
        end = begin + np.maximum(length, 0)
        self.fits &= ~is_there | (end <= self._window.size)
        self.texts[field] = (begin, np.where(is_there, end, begin - 1))
        self._first.append(first)
        self._last.append(np.where(is_there, last, first - 1))
        self._move(np.where(is_there, end, self.at + 3))

    def _move(self, at: Numbers) -> None:
        self.at = self._window.clipped(at)
