"""The fast route: ptars decodes many messages into one nested Arrow batch, which is flattened column by column."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import ptars
import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.descriptor import Descriptor

from sc2_pipeline.errors import EngineError
from sc2_pipeline.sc2_client.observation import levels as nested
from sc2_pipeline.sc2_client.observation.layout import (
    OBSERVATION,
    Path,
    Reading,
    TableLayout,
    Verb,
    below_lists,
    branches,
    layer_path,
    message_at,
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
from sc2_pipeline.tables.engine_columns import UNITS

_NO_LIVE_TAG = 2**64 - 1
_OF_UNIT = f"{UNITS}."


class PtarsRoute:
    """Decodes with ptars, using the message reduced to the fields that the layouts read.

    Most units are the same, byte for byte, from one observation to the next: units are decoded apart from their messages,
    and equal ones once for a group.

    ptars accepts an unmatched group and a field number of more than 32 bits, which protobuf refuses; the game writes
    neither.
    """

    def __init__(self, layouts: tuple[TableLayout, ...], names: GameNames) -> None:
        paths = needed_paths(layouts)
        of_units = {path.removeprefix(_OF_UNIT) for path in paths if path.startswith(_OF_UNIT)}
        others = {path for path in paths if not path.startswith(_OF_UNIT)}
        self._messages = _handler(OBSERVATION, others | {UNITS} if of_units else others)
        self._units = _handler(message_at(UNITS_PATH), of_units) if of_units else None
        self._names = names

    def decode(self, payloads: Sequence[bytes]) -> "NestedBatch":
        """Decodes messages; raises EngineError ``garbled_reply`` for invalid ones."""
        try:
            messages = self._messages.list_to_record_batch(list(payloads)).to_struct_array()
            units = None if self._units is None else _distinct_units(messages, self._units)
        except ValueError as error:
            raise EngineError(
                "garbled_reply", f"one of {len(payloads)} observations does not decode: {error}"
            ) from error
        return NestedBatch(messages, units, self._names)


def _handler(official: Descriptor, paths: Set[str]) -> Any:
    descriptor = loose_class(official, paths).DESCRIPTOR
    return ptars.HandlerPool([descriptor.file]).get_for_message(descriptor)


@dataclass(frozen=True, slots=True)
class DistinctUnits:
    """``units`` that differ from one another, and for each unit of the messages, in order, its place among them."""

    units: pa.StructArray
    places: nested.Places


def _distinct_units(messages: pa.StructArray, handler: Any) -> DistinctUnits:
    encoded = field(messages, UNITS_PATH).values.dictionary_encode()
    units = handler.array_to_record_batch(encoded.dictionary).to_struct_array()
    return DistinctUnits(units, encoded.indices.to_numpy())


class NestedBatch:
    """Observations as one Arrow struct array with the structure of the messages, whose units are bytes and decoded apart."""

    def __init__(self, messages: pa.StructArray, distinct: DistinctUnits | None, names: GameNames) -> None:
        self._messages = messages
        self._distinct = distinct
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
                levels, below_lists(layout.lists, path[:-1])[1] + path[-1:], keeps_empty=layout.keeps_empty_at(path)
            )
            if rule is not None and len(levels) == 2:
                levels = nested.seen_from(_kept_rows(levels[-1], rule), levels)
        return levels

    def _unit_levels(self, messages: Levels, kept: tuple[int, ...], rule: RowRule | None) -> Levels:
        """The units kept by the rule, sorted; the same for every table of units."""
        if self._distinct is None:
            raise KeyError(UNITS)
        if (kept, rule) not in self._units:
            *above, units = nested.with_list(messages, UNITS_PATH)
            places = self._distinct.places[units.at]
            levels: Levels = (*above, Level(self._distinct.units, places, units.index))
            self._units[kept, rule] = nested.sorted_units(levels, _kept_rows(levels[-1], rule))
        return self._units[kept, rule]

    def _column(self, reading: Reading, layout: TableLayout, levels: Levels) -> pa.Array:
        level = levels[reading.depth]
        if reading.verb is Verb.INDEX:
            return _indices(level, reading)
        if reading.verb is Verb.BRANCH:
            return _branches(level, reading.below)
        if pa.types.is_list(reading.type):
            return _lists(level, reading)
        fields = [field(level.values, path) for path in reading.below]
        values = fields[0] if len(fields) == 1 else pc.coalesce(*fields)
        if len(values) > level.at.size:
            return self._meant(reading, level.take(values), is_coded=layout.table.stays_in_parquet)
        return level.take(self._meant(reading, values, is_coded=layout.table.stays_in_parquet))

    def _meant(self, reading: Reading, values: pa.Array, *, is_coded: bool) -> pa.Array:
        """A column's values, from the numbers or bytes of the message; texts of a lexicon as a dictionary if asked for."""
        lexicon = self._names.of(reading.column) if reading.verb is Verb.NAME else reading.words
        if lexicon is not None:
            return lexicon.coded(values) if is_coded else lexicon.of(values)
        if reading.verb is Verb.LOW_HALF:
            return _low_halves(values)
        if reading.verb is Verb.TEXT:
            return _texts(values)
        return typed(reading.column, values, reading.type)


def _kept_rows(level: Level, rule: RowRule | None) -> nested.Places:
    if rule is None:
        return np.arange(level.at.size)
    return np.flatnonzero(rule.mask(numbers(level, ("owner",), -1), numbers(level, ("alliance",), -1))[level.at])


def _indices(level: Level, reading: Reading) -> pa.Array:
    return typed(reading.column, pa.array(level.index, mask=level.at < 0), reading.type)


def _branches(level: Level, paths: Sequence[Path]) -> pa.Array:
    """Name of the first branch that is set, for each row."""
    words = pa.array([*branches().values(), None], pa.string())
    is_set = [level.taken(path).is_valid().to_numpy(zero_copy_only=False) for path in paths]
    first = np.argmax([*is_set, np.ones(level.at.size, np.bool_)], axis=0)
    return words.take(pa.array(first))


def _lists(level: Level, reading: Reading) -> pa.Array:
    """The first of several lists that is not empty, for each row; NULL if all are."""
    values, offsets = nested.first_lists(level, reading.below)
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
