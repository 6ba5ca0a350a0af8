"""The fast route: ptars decodes many messages into one nested Arrow batch, which is flattened column by column."""

from collections.abc import Sequence

import numpy as np
import ptars
import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.errors import EngineError
from sc2_pipeline.sc2_client.observation import levels as nested
from sc2_pipeline.sc2_client.observation.layout import (
    OBSERVATION,
    Path,
    Reading,
    TableLayout,
    Verb,
    branches,
    layer_path,
    needed_paths,
)
from sc2_pipeline.sc2_client.observation.levels import Level, Levels, field, numbers
from sc2_pipeline.sc2_client.observation.loose_message import loose_class
from sc2_pipeline.sc2_client.observation.names import GameNames
from sc2_pipeline.sc2_client.observation.passes import RowRule
from sc2_pipeline.sc2_client.observation.route import (
    LAST_LIVE_HIGH_HALF,
    REPEAT_INDEX,
    UNITS_PATH,
    Head,
    typed,
)
from sc2_pipeline.storable import REPLACEMENT, text_of

_NO_LIVE_TAG = 2**64 - 1


class PtarsRoute:
    """Decodes with ptars, using the message reduced to the fields that the layouts read.

    ptars accepts an unmatched group and a field number of more than 32 bits, which protobuf refuses; the game writes
    neither.
    """

    def __init__(self, layouts: tuple[TableLayout, ...], names: GameNames) -> None:
        descriptor = loose_class(OBSERVATION, needed_paths(layouts)).DESCRIPTOR
        self._handler = ptars.HandlerPool([descriptor.file]).get_for_message(descriptor)
        self._names = names

    def decode(self, payloads: Sequence[bytes]) -> "NestedBatch":
        """Decodes messages; raises EngineError ``garbled_reply`` for invalid ones."""
        try:
            batch = self._handler.list_to_record_batch(list(payloads))
        except ValueError as error:
            raise EngineError(
                "garbled_reply", f"one of {len(payloads)} observations does not decode: {error}"
            ) from error
        return NestedBatch(batch.to_struct_array(), self._names)


class NestedBatch:
    """Observations as one Arrow struct array with the structure of the messages."""

    def __init__(self, messages: pa.StructArray, names: GameNames) -> None:
        self._messages = messages
        self._names = names
        self._units: dict[tuple[tuple[int, ...], RowRule | None], Levels] = {}

    def heads(self) -> list[Head]:
        """One per message, in order."""
        observation = self._messages.field("observation")
        loops = observation.field("game_loop").to_pylist()
        results = self._messages.field("player_result").to_pylist()
        return [
            Head(has, loop, tuple((one["player_id"], one["result"]) for one in given))
            for has, loop, given in zip(observation.is_valid().to_pylist(), loops, results, strict=True)
        ]

    def columns(self, layout: TableLayout, kept: Sequence[int], rule: RowRule | None) -> dict[str, pa.Array]:
        """The table's columns; see :class:`~sc2_pipeline.sc2_client.observation.route.Decoded`."""
        levels = self._levels(layout, kept, rule)
        if not levels[-1].at.size:
            return {}
        columns = {reading.column: self._column(reading, layout, levels) for reading in layout.readings}
        if REPEAT_INDEX in layout.table.schema.names:
            columns[REPEAT_INDEX] = typed(REPEAT_INDEX, pa.array(levels[1].repeats), pa.int16())
        return columns

    def _levels(self, layout: TableLayout, kept: Sequence[int], rule: RowRule | None) -> Levels:
        at = np.asarray(kept, dtype=np.int64)
        if layout.layer is not None:
            is_there = field(self._messages, layer_path(layout.layer)).is_valid().to_numpy(zero_copy_only=False)
            at = at[is_there[at]]
        levels: Levels = (Level(self._messages, at, at),)
        for path in layout.lists:
            if path == UNITS_PATH:
                levels = self._unit_levels(levels, tuple(kept), rule)
                continue
            levels = nested.with_list(
                levels, layout.below(path[:-1]) + path[-1:], keeps_empty=layout.keeps_empty_at(path)
            )
            if rule is not None and len(levels) == 2:
                levels = nested.seen_from(_kept_rows(levels[-1], rule), levels)
        return levels

    def _unit_levels(self, messages: Levels, kept: tuple[int, ...], rule: RowRule | None) -> Levels:
        """The units kept by the rule, sorted; the same for every table of units."""
        if (kept, rule) not in self._units:
            levels = nested.with_list(messages, UNITS_PATH)
            if rule is not None:
                levels = nested.seen_from(_kept_rows(levels[-1], rule), levels)
            self._units[kept, rule] = nested.sorted_units(levels)
        return self._units[kept, rule]

    def _column(self, reading: Reading, layout: TableLayout, levels: Levels) -> pa.Array:
        level = levels[layout.depth(reading.paths[0])]
        paths = [layout.below(path) for path in reading.paths]
        if reading.verb is Verb.INDEX:
            return _indices(level, reading)
        if reading.verb is Verb.BRANCH:
            return _branches(level, paths)
        if pa.types.is_list(reading.type):
            return _lists(level, paths, reading)
        taken = [level.taken(path) for path in paths]
        values = taken[0] if len(taken) == 1 else pc.coalesce(*taken)
        lexicon = self._names.of(reading.column) if reading.verb is Verb.NAME else reading.words
        if lexicon is not None:
            return lexicon.coded(values) if layout.table.stays_in_parquet else lexicon.of(values)
        return _meant(reading, values)


def _kept_rows(level: Level, rule: RowRule) -> nested.Places:
    return np.flatnonzero(rule.mask(numbers(level, ("owner",), -1), numbers(level, ("alliance",), -1)))


def _meant(reading: Reading, values: pa.Array) -> pa.Array:
    """A column's values, from the numbers or bytes of the message."""
    if reading.verb is Verb.LOW_HALF:
        return _low_halves(values)
    if reading.verb is Verb.TEXT:
        return _texts(values)
    return typed(reading.column, values, reading.type)


def _indices(level: Level, reading: Reading) -> pa.Array:
    return typed(reading.column, pa.array(level.index, mask=level.at < 0), reading.type)


def _branches(level: Level, paths: list[Path]) -> pa.Array:
    """Name of the first branch that is set, for each row."""
    words = pa.array([*branches().values(), None], pa.string())
    is_set = [level.taken(path).is_valid().to_numpy(zero_copy_only=False) for path in paths]
    first = np.argmax([*is_set, np.ones(level.at.size, np.bool_)], axis=0)
    return words.take(pa.array(first))


def _lists(level: Level, paths: list[Path], reading: Reading) -> pa.Array:
    """The first of several lists that is not empty, for each row; NULL if all are."""
    values, offsets = nested.first_lists(level, paths)
    if reading.verb is Verb.LOW_HALF:
        values = _low_halves(values)
    is_empty = pa.array(np.diff(offsets) == 0)
    values = typed(reading.column, values, reading.type.value_type)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values, mask=is_empty)


def _low_halves(tags: pa.Array) -> pa.Array:
    if tags.null_count == len(tags):
        return pa.nulls(len(tags), pa.int64())
    plain = tags.fill_null(_NO_LIVE_TAG).to_numpy(zero_copy_only=False)
    halves = (plain & np.uint64(0xFFFFFFFF)).view(np.int64)
    is_live = plain >> np.uint64(32) <= LAST_LIVE_HIGH_HALF
    return pa.array(halves) if is_live.all() else pa.array(halves, mask=~is_live)


def _texts(values: pa.Array) -> pa.Array:
    try:
        return pc.replace_substring(values.cast(pa.string()), "\0", REPLACEMENT)
    except pa.ArrowInvalid:
        return pa.array([None if one is None else text_of(one) for one in values.to_pylist()])
