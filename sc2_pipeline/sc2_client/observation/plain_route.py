"""The plain route: walks protobuf objects field by field. Slow; used without ptars, and as the reference for the fast
route."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
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
    field_at,
    layer_path,
    needed_paths,
)
from sc2_pipeline.sc2_client.observation.loose_message import loose_class
from sc2_pipeline.sc2_client.observation.names import GameNames
from sc2_pipeline.sc2_client.observation.passes import RowRule
from sc2_pipeline.sc2_client.observation.route import REPEAT_INDEX, UNITS_PATH, Head, first_list, low_half
from sc2_pipeline.storable import text_of

Getter = Callable[[Any], Any]
"""Returns the value at a path below an element; None if it or a message on the path is unset. Lists may be empty."""


class PlainRoute:
    """Decodes with protobuf, using the same reduced message as the fast route."""

    def __init__(self, layouts: tuple[TableLayout, ...], names: GameNames) -> None:
        self._class = loose_class(OBSERVATION, needed_paths(layouts))
        self._names = names

    def decode(self, payloads: Sequence[bytes]) -> "PlainMessages":
        """Decodes messages; raises EngineError ``garbled_reply`` for invalid ones."""
        try:
            messages = [self._class.FromString(payload) for payload in payloads]
        except DecodeError as error:
            raise EngineError(
                "garbled_reply", f"one of {len(payloads)} observations does not decode: {error}"
            ) from error
        return PlainMessages(messages, self._names)


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a table: the element of each level, its position in its list, and the number of its copy."""

    elements: tuple[Any, ...]
    indices: tuple[int | None, ...]
    repeats: int = 0


class PlainMessages:
    """Observations as protobuf messages."""

    def __init__(self, messages: list[Any], names: GameNames) -> None:
        self._messages = messages
        self._names = names

    def heads(self) -> list[Head]:
        """One per message, in order."""
        game_loop = _getter((), ("observation", "game_loop"))
        player, result = (_getter(("player_result",), (name,)) for name in ("player_id", "result"))
        return [
            Head(
                message.HasField("observation"),
                game_loop(message),
                tuple((player(one), result(one)) for one in message.player_result),
            )
            for message in self._messages
        ]

    def columns(self, layout: TableLayout, kept: Sequence[int], rule: RowRule | None) -> dict[str, pa.Array]:
        """The table's columns; see :class:`~sc2_pipeline.sc2_client.observation.route.Decoded`."""
        rows = list(self._rows(layout, kept, rule))
        if not rows:
            return {}
        if UNITS_PATH in layout.lists:
            tag = _getter(UNITS_PATH, ("tag",))
            # Python's sort is stable, so rows of one unit stay in the order of messages and lists.
            rows.sort(key=lambda row: tag(row.elements[1]) or 0)
        columns = {reading.column: _array(reading, self._values(reading, layout, rows)) for reading in layout.readings}
        if REPEAT_INDEX in layout.table.schema.names:
            columns[REPEAT_INDEX] = pa.array([row.repeats for row in rows], pa.int16())
        return columns

    def _rows(self, layout: TableLayout, kept: Sequence[int], rule: RowRule | None) -> Iterator[_Row]:
        is_there = None if layout.layer is None else _getter((), layer_path(layout.layer))
        for place in kept:
            message = self._messages[place]
            if is_there is None or is_there(message) is not None:
                yield from _below(_Row((message,), (place,)), layout, rule)

    def _values(self, reading: Reading, layout: TableLayout, rows: list[_Row]) -> list[Any]:
        depth = reading.depth
        if reading.verb is Verb.INDEX:
            return [row.indices[depth] for row in rows]
        above = layout.lists[depth - 1] if depth else ()
        getters = [_getter(above, path) for path in reading.below]
        elements = [row.elements[depth] for row in rows]
        if reading.verb is Verb.BRANCH:
            return [_first_word(getters, element) for element in elements]
        if pa.types.is_list(reading.type):
            return [first_list([list(get(element) or ()) for get in getters], reading.verb) for element in elements]
        return self._meant(reading, [_first(getters, element) for element in elements])

    def _meant(self, reading: Reading, values: list[Any]) -> list[Any]:
        """A column's values, from numbers or bytes of the message."""
        if reading.verb is Verb.NAME:
            return [self._names.of(reading.column).of_one(value) for value in values]
        if reading.words is not None:
            return [reading.words.of_one(value) for value in values]
        if reading.verb is Verb.LOW_HALF:
            return [low_half(value) for value in values]
        if reading.verb is Verb.TEXT:
            return [None if value is None else text_of(value) for value in values]
        return values


def _first(getters: list[Getter], element: Any) -> Any:
    return next((value for get in getters if (value := get(element)) is not None), None)


def _first_word(getters: list[Getter], element: Any) -> str | None:
    """Name of the first branch of an action that is set."""
    words = zip(getters, branches().values(), strict=True)
    return next((word for get, word in words if get(element) is not None), None)


def _below(row: _Row, layout: TableLayout, rule: RowRule | None) -> Iterator[_Row]:
    """The rows of the innermost list below a row; the rule filters the elements of the outermost list."""
    depth = len(row.elements) - 1
    if depth == len(layout.lists):
        yield row
        return
    path = layout.lists[depth]
    above = layout.lists[depth - 1] if depth else ()
    elements = _getter(above, path[len(above) :])(row.elements[-1]) or ()
    owner, alliance, tag = (_getter(UNITS_PATH, (name,)) for name in ("owner", "alliance", "tag"))
    seen: dict[int, int] = {}
    for index, element in enumerate(elements):
        if depth == 0 and rule is not None and not rule.keeps(_known(owner(element)), _known(alliance(element))):
            continue
        repeats = row.repeats
        if path == UNITS_PATH:
            key = tag(element) or 0
            repeats = seen[key] = seen.get(key, -1) + 1
        yield from _below(_Row((*row.elements, element), (*row.indices, index), repeats), layout, rule)
    if not elements and layout.keeps_empty_at(path):
        yield _Row((*row.elements, None), (*row.indices, None), row.repeats)


def _known(number: int | None) -> int:
    return -1 if number is None else number


@cache
def _getter(above: Path, path: Path) -> Getter:
    """The getter of ``path`` below an element of the list ``above``; an empty ``path`` is the element itself."""
    if not path:
        return lambda element: element
    *way, name = path
    parent = _getter(above, tuple(way))
    if field_at((*above, *path)).is_repeated:
        return lambda element: None if (message := parent(element)) is None else getattr(message, name)
    return lambda element: (
        getattr(message, name) if (message := parent(element)) is not None and message.HasField(name) else None
    )


def _array(reading: Reading, values: list[Any]) -> pa.Array:
    try:
        return pa.array(values, reading.type)
    except (pa.ArrowInvalid, OverflowError) as error:
        kind = reading.type
        raise EngineError(
            "garbled_reply", f"the game sent a {reading.column} that no {kind} holds ({error})"
        ) from error
