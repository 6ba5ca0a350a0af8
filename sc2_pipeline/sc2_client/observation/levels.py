"""Flattens nested lists of Arrow arrays: which element of each list a table row stands for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sc2_pipeline.sc2_client.observation.layout import Path

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Level:
    """One level of nested lists, aligned with a table's rows.

    ``values`` holds every element of the level, ``at`` the position of each row's element (-1 if it has none),
    ``index`` the element's position in its own list, ``repeats`` (of units) how often its observation has listed its
    tag before.
    """

    values: pa.Array
    at: Places
    index: Places
    repeats: Places | None = None

    @cached_property
    def takes(self) -> pa.Array:
        """``at`` in the form that Arrow's take expects."""
        places = self.at.astype(np.int32)
        return pa.array(places, mask=places < 0) if places.size and places.min() < 0 else pa.array(places)

    def take(self, values: pa.Array) -> pa.Array:
        """Of an array aligned with ``values``, each row's element."""
        if values.null_count == len(values):
            return pa.nulls(self.at.size, values.type)
        if pa.types.is_dictionary(values.type):
            return pa.DictionaryArray.from_arrays(self.take(values.indices), values.dictionary)
        if self.takes.null_count or not pa.types.is_primitive(values.type):
            return _take(values, self.takes)
        return _parts_taken(values, self.takes)

    def taken(self, path: Path) -> pa.Array:
        """The field at ``path`` of each row's element."""
        return self.take(field(self.values, path))

    def seen_from(self, rows: Places) -> "Level":
        """The level aligned with other rows, each given by the index of the row it repeats."""
        repeats = None if self.repeats is None else self.repeats[rows]
        at = self.at[rows]
        return Level(self.values, at, at if self.index is self.at else self.index[rows], repeats)


def _take(values: pa.Array, places: pa.Array) -> pa.Array:
    # The positions come from the offsets of these values: checking them again costs a third of the take.
    return pc.take(values, places, boundscheck=False)


def _parts_taken(values: pa.Array, places: pa.Array) -> pa.Array:
    """Like take, for numbers or booleans: values and validity are taken separately, since one take with NULLs, or of
    bits, costs three to seven times as much."""
    validity, content = values.buffers()
    size, start = len(values), values.offset
    if pa.types.is_boolean(values.type):
        taken = _bits_taken(content, start, size, places)
    else:
        plain = pa.Array.from_buffers(values.type, size, [None, content], 0, start)
        taken = _take(plain, places).buffers()[1]
    is_valid = _bits_taken(validity, start, size, places) if values.null_count else None
    return pa.Array.from_buffers(values.type, len(places), [is_valid, taken])


def _bits_taken(bits: pa.Buffer, start: int, size: int, places: pa.Array) -> pa.Buffer:
    each = np.unpackbits(np.frombuffer(bits, np.uint8), count=start + size, bitorder="little")[start:]
    taken = _take(pa.array(each), places).to_numpy()
    return pa.py_buffer(np.packbits(taken, bitorder="little"))


Levels = tuple[Level, ...]
"""Levels from the messages to the innermost list, all aligned with the same rows."""


def field(values: pa.Array, path: Path) -> pa.Array:
    """A field of nested structs. A NULL struct must have NULL fields: ptars guarantees it, and tests check it."""
    for name in path:
        values = values.field(name)
    return values


def seen_from(rows: Places, levels: Levels) -> Levels:
    """All levels aligned with other rows."""
    return tuple(level.seen_from(rows) for level in levels)


def with_list(levels: Levels, path: Path, *, keeps_empty: bool = False) -> Levels:
    """Adds the list at ``path`` of the innermost level as a new level, with one row per element.

    ``keeps_empty``: an empty list gives one row without an element.
    """
    innermost = levels[-1]
    array = field(innermost.values, path)
    if not len(array.values) and not keeps_empty:
        nowhere = np.empty(0, np.int64)
        return (*seen_from(nowhere, levels), Level(array.values, nowhere, nowhere))
    offsets = array.offsets.to_numpy().astype(np.int64)
    starts = offsets[innermost.at]
    counts = offsets[innermost.at + 1] - starts
    rows = np.maximum(counts, 1) if keeps_empty else counts
    parents = np.repeat(np.arange(innermost.at.size), rows)
    index = np.arange(parents.size) - np.repeat(np.cumsum(rows) - rows, rows)
    at = np.repeat(starts, rows) + index
    if keeps_empty:
        is_empty = counts[parents] == 0
        at[is_empty] = index[is_empty] = -1
    return (*seen_from(parents, levels), Level(array.values, at, index))


def first_lists(level: Level, paths: Sequence[Path]) -> tuple[pa.Array, Places]:
    """Of several lists of numbers, the first that is not empty in each row: all values, and offsets by row."""
    starts = np.zeros(level.at.size, np.int64)
    counts = np.zeros(level.at.size, np.int64)
    arrays = [field(level.values, path) for path in paths]
    passed = 0
    for array in arrays:
        offsets = array.offsets.to_numpy().astype(np.int64)
        taken = counts == 0
        starts = np.where(taken, passed + offsets[level.at], starts)
        counts = np.where(taken, np.diff(offsets)[level.at], counts)
        passed += len(array.values)
    ends = np.cumsum(counts)
    at = np.arange(counts.sum()) + np.repeat(starts - ends + counts, counts)
    return pa.concat_arrays([array.values for array in arrays]).take(pa.array(at)), np.concatenate(([0], ends))


def numbers(level: Level, path: Path, unset: int) -> NDArray[np.int64]:
    """An integer field of each of the level's values; ``unset`` if it is NULL."""
    filled = field(level.values, path).fill_null(unset)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.int64)


def sorted_units(levels: Levels, rows: Places) -> Levels:
    """The levels seen from those rows of the innermost, of units, sorted by tag and then by message; copies of a tag are
    numbered."""
    tags = field(levels[-1].values, ("tag",)).fill_null(0).to_numpy(zero_copy_only=False)[levels[-1].at[rows]]
    # Rows are in message order, and a stable sort by tag preserves it among rows of one tag.
    order = np.argsort(tags, kind="stable")
    sorted_levels = seen_from(rows[order], levels)
    tags, messages = tags[order], sorted_levels[0].at
    is_copy = np.concatenate(([False], (tags[1:] == tags[:-1]) & (messages[1:] == messages[:-1])))[: tags.size]
    units = sorted_levels[-1]
    return (*sorted_levels[:-1], Level(units.values, units.at, units.index, _counted(is_copy)))


def _counted(is_copy: NDArray[np.bool_]) -> Places:
    """For each row, the number of consecutive copies that end with it; 0 for an original."""
    places = np.arange(is_copy.size)
    return places - np.maximum.accumulate(np.where(is_copy, 0, places))
