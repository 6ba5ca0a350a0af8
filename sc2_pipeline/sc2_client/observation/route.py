"""The interface of the two routes from messages to rows, and conversions common to both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from sc2_pipeline.errors import EngineError
from sc2_pipeline.sc2_client.observation.layout import TableLayout, Verb, as_path
from sc2_pipeline.sc2_client.observation.passes import RowRule
from sc2_pipeline.tables.engine_columns import UNITS

LAST_LIVE_HIGH_HALF = 1
"""High half of the API's tags of live units; remembered snapshots have 2, with low halves that repeat those of
others."""

REPEAT_INDEX = "repeat_index"
UNITS_PATH = as_path(UNITS)


@dataclass(frozen=True, slots=True)
class Head:
    """Identification of one observation. ``has_observation`` is False if it carries only results."""

    has_observation: bool
    game_loop: int | None
    results: tuple[tuple[int | None, int | None], ...]


class Decoded(Protocol):
    """A group of decoded observations."""

    def heads(self) -> list[Head]:
        """One per message, in order."""
        ...

    def columns(self, layout: TableLayout, kept: Sequence[int], rule: RowRule | None) -> dict[str, pa.Array]:
        """The table's columns that come from messages, for the messages at positions ``kept`` and the rows kept by
        ``rule``.

        Empty if there is no such row.

        Rows of units are sorted by the API's tag, then by message, with copies of a tag numbered by ``repeat_index``;
        all others are in message order. Raises EngineError ``garbled_reply`` for a value that does not fit its column.
        """
        ...


class Route(Protocol):
    """A decoder of observations; all routes give the same rows."""

    def decode(self, payloads: Sequence[bytes]) -> Decoded:
        """Decodes messages; raises EngineError ``garbled_reply`` for invalid ones."""
        ...


def low_half(tag: int | None) -> int | None:
    """The unit's tag as in tracker events; None for a snapshot's tag."""
    return tag & 0xFFFFFFFF if tag is not None and tag >> 32 <= LAST_LIVE_HIGH_HALF else None


def first_list(lists: Sequence[list[int]], verb: Verb) -> list[int | None] | None:
    """The first list that is not empty, with its tags converted by the column's verb; None if all are empty."""
    found = next((one for one in lists if one), None)
    if found is None or verb is not Verb.LOW_HALF:
        return found  # type: ignore[return-value]
    return [low_half(tag) for tag in found]


def typed(column: str, values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Values in the column's declared type; raises EngineError for a value that does not fit."""
    if values.type == kind:
        return values
    try:
        return values.cast(kind)
    except pa.ArrowInvalid as error:
        raise EngineError("garbled_reply", f"the game sent a {column} that no {kind} holds ({error})") from error
