"""The plain route: protobuf objects, walked field by field. Slow, without ptars, and the judge of the fast route."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from google.protobuf.message import DecodeError

from sc2_pipeline.errors import EngineError
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
from sc2_pipeline.sc2_client.observation.loose_message import loose_class
from sc2_pipeline.sc2_client.observation.names import GameNames, Lexicon
from sc2_pipeline.sc2_client.observation.passes import RowRule
from sc2_pipeline.sc2_client.observation.route import REPEAT_INDEX, UNITS_PATH, Head, first_list, low_half


class PlainRoute:
    """Decodes with protobuf, by the same cut-down message as the fast route."""

    def __init__(self, layouts: tuple[TableLayout, ...], names: GameNames) -> None:
        self._class = loose_class(OBSERVATION, needed_paths(layouts))
        self._names = names

    def decode(self, payloads: Sequence[bytes]) -> "PlainMessages":
        """Decodes messages; raises EngineError ``garbled_reply`` where one is none."""
        try:
            messages = [self._class.FromString(payload) for payload in payloads]
        except DecodeError as error:
            raise EngineError(
                "garbled_reply", f"one of {len(payloads)} observations does not decode: {error}"
            ) from error
        return PlainMessages(messages, self._names)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a table: the element of each level, its place in its list, its copies' number."""

    elements: tuple[Any, ...]
    indices: tuple[int | None, ...]
    repeats: int = 0


class PlainMessages:
    """Observations as protobuf messages."""

    def __init__(self, messages: list[Any], names: GameNames) -> None:
        self._messages = messages
        self._names = names

    def heads(self) -> list[Head]:
        """One for each message, in order."""
        return [
            Head(
                message.HasField("observation"),
                _at(message, ("observation", "game_loop")),
                tuple((_at(one, ("player_id",)), _at(one, ("result",))) for one in message.player_result),
            )
            for message in self._messages
        ]

    def columns(self, layout: TableLayout, kept: Sequence[int], rule: RowRule | None) -> dict[str, pa.Array]:
        """The table's columns; see :class:`~sc2_pipeline.sc2_client.observation.route.Decoded`."""
        rows = list(self._rows(layout, kept, rule))
        if UNITS_PATH in layout.lists:
            # Python's sort is stable: rows of one unit stay in order of messages and of lists.
            rows.sort(key=lambda row: _at(row.elements[1], ("tag",)) or 0)
        columns = {
            reading.column: _array(reading, [self._value(reading, layout, row) for row in rows])
            for reading in layout.readings
        }
        if REPEAT_INDEX in layout.table.schema.names:
            columns[REPEAT_INDEX] = pa.array([row.repeats for row in rows], pa.int16())
        return columns

    def _rows(self, layout: TableLayout, kept: Sequence[int], rule: RowRule | None) -> Iterator[_Row]:
        for place in kept:
            message = self._messages[place]
            if layout.layer is not None and _at(message, layer_path(layout.layer)) is None:
                continue
            yield from _below(_Row((message,), (place,)), layout, rule)

    def _value(self, reading: Reading, layout: TableLayout, row: _Row) -> Any:
        depth = layout.depth(reading.paths[0])
        element = row.elements[depth]
        paths = [layout.below(path) for path in reading.paths]
        if reading.verb is Verb.INDEX:
            return row.indices[depth]
        if reading.verb is Verb.BRANCH:
            words = branches().values()
            return next((word for path, word in zip(paths, words, strict=True) if _at(element, path) is not None), None)
        if pa.types.is_list(reading.type):
            return first_list([list(_at(element, path) or ()) for path in paths], reading.verb)
        value = next((found for path in paths if (found := _at(element, path)) is not None), None)
        return self._meant(reading, value)

    def _meant(self, reading: Reading, value: Any) -> Any:
        """What a column says, from a number or bytes of the message."""
        if reading.verb is Verb.NAME:
            return self._names.of(reading.column).of_one(value)
        if reading.verb is Verb.WORD:
            return Lexicon(reading.words or {}, spells_unknown=True).of_one(value)
        if reading.verb is Verb.LOW_HALF:
            return low_half(value)
        if reading.verb is Verb.TEXT and value is not None:
            return value.decode("utf-8", "replace")
        return value


def _below(row: _Row, layout: TableLayout, rule: RowRule | None) -> Iterator[_Row]:
    """The rows of the innermost list below a row, those that the rule keeps at the outermost list."""
    depth = len(row.elements) - 1
    if depth == len(layout.lists):
        yield row
        return
    path = layout.lists[depth]
    elements = _at(row.elements[-1], layout.below(path[:-1]) + path[-1:]) or ()
    seen: dict[int, int] = {}
    for index, element in enumerate(elements):
        if depth == 0 and rule is not None and not rule.keeps(*_owner_and_alliance(element)):
            continue
        repeats = row.repeats
        if path == UNITS_PATH:
            tag = _at(element, ("tag",)) or 0
            repeats = seen[tag] = seen.get(tag, -1) + 1
        yield from _below(_Row((*row.elements, element), (*row.indices, index), repeats), layout, rule)
    if not elements and layout.keeps_empty_at(path):
        yield _Row((*row.elements, None), (*row.indices, None), row.repeats)


def _owner_and_alliance(element: Any) -> tuple[int, int]:
    owner, alliance = _at(element, ("owner",)), _at(element, ("alliance",))
    return -1 if owner is None else owner, -1 if alliance is None else alliance


def _at(value: Any, path: Path) -> Any:
    """The value at a path of fields; None where it, or a message on the way, is unset. Lists may be empty."""
    for name in path:
        if value is None:
            return None
        is_list = value.DESCRIPTOR.fields_by_name[name].is_repeated
        value = getattr(value, name) if is_list or value.HasField(name) else None
    return value


def _array(reading: Reading, values: list[Any]) -> pa.Array:
    try:
        return pa.array(values, reading.type)
    except (pa.ArrowInvalid, OverflowError) as error:
        kind = reading.type
        raise EngineError(
            "garbled_reply", f"the game sent a {reading.column} that no {kind} holds ({error})"
        ) from error
