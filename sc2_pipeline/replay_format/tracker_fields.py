"""The fields of the ten tracker events, in wire order. Later builds only ever appended some (three schemas in all)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

ABSENT: Final = -(2**63)
"""Stands for an absent number inside the decoders only; it leaves them as null."""

PLAYER_STATS, UNIT_BORN, UNIT_DIED, UNIT_OWNER_CHANGE, UNIT_TYPE_CHANGE = range(5)
UPGRADE, UNIT_INIT, UNIT_DONE, UNIT_POSITIONS, PLAYER_SETUP = range(5, 10)

NUMBER, TEXT, MAYBE_NUMBER, MAYBE_TEXT = range(4)

_TAG = (("tag_index", NUMBER), ("tag_recycle", NUMBER))
_OWNERS = (("player_id", NUMBER), ("upkeep_player_id", NUMBER))
_PLACE = (("x", NUMBER), ("y", NUMBER))

FIELDS: Final[dict[int, tuple[tuple[str, int], ...]]] = {
    UNIT_BORN: (
        *_TAG,
        ("unit_type", TEXT),
        *_OWNERS,
        *_PLACE,
        ("creator_tag_index", MAYBE_NUMBER),  # this and the next two since build 55505
        ("creator_tag_recycle", MAYBE_NUMBER),
        ("creator_ability", MAYBE_TEXT),
    ),
    UNIT_DIED: (
        *_TAG,
        ("killer_player_id", MAYBE_NUMBER),
        *_PLACE,
        ("killer_tag_index", MAYBE_NUMBER),  # this and the next since build 27950
        ("killer_tag_recycle", MAYBE_NUMBER),
    ),
    UNIT_OWNER_CHANGE: (*_TAG, *_OWNERS),
    UNIT_TYPE_CHANGE: (*_TAG, ("unit_type", TEXT)),
    UPGRADE: (("player_id", NUMBER), ("upgrade", TEXT), ("count", NUMBER)),
    UNIT_INIT: (*_TAG, ("unit_type", TEXT), *_OWNERS, *_PLACE),
    UNIT_DONE: _TAG,
    PLAYER_SETUP: (
        ("player_id", NUMBER),
        ("type", NUMBER),
        ("user_id", MAYBE_NUMBER),
        ("slot_id", MAYBE_NUMBER),
    ),
}
"""Field number = place in the tuple. Statistics and positions have shapes of their own, below."""

_RESOURCES = ("minerals", "vespene")
_CATEGORIES = ("army", "economy", "technology")


def _by_category(kind: str) -> tuple[str, ...]:
    return tuple(f"{resource}_{kind}_{category}" for resource in _RESOURCES for category in _CATEGORIES)


STATS: Final = (
    "minerals_current",
    "vespene_current",
    "minerals_collection_rate",
    "vespene_collection_rate",
    "workers_active_count",
    *_by_category("used_in_progress"),
    *_by_category("used_current"),
    *_by_category("lost"),
    *_by_category("killed"),
    "food_used",
    "food_made",
    "minerals_used_active_forces",
    "vespene_used_active_forces",
    *_by_category("friendly_fire"),
)
"""The 39 statistics: field 0 is the player, field 1 a struct of these. Food is fixed point, 12 fractional bits."""

FIELD_COUNTS: Final = {event_id: len(fields) for event_id, fields in FIELDS.items()} | {
    PLAYER_STATS: 1 + len(STATS),
    UNIT_POSITIONS: 2,
}
"""Numbers that an event of each kind is decoded to, positions' items apart."""

MAX_EVENTS: Final = 2_400_000
"""The shortest event has 15 bytes, so 32 MB of them hold no more; a real 13.5 MB stream has about 400,000."""

MAX_NAME_BYTES: Final = 1024
"""Longest name of a type, an upgrade or an ability; real ones have up to some 60. A limit, because every row about a unit
repeats its name."""

Numbers = npt.NDArray[np.int64]


@dataclass(slots=True, kw_only=True)
class EventColumns:
    """Every event of one kind: its place in the stream, its game loop, its fields in wire order.

    ``fields`` has one row per field; a text is its number in the names of the stream. Positions keep their items
    apart: ``fields`` is the first unit index and the count of items, ``items`` three rows (index delta, x, y).
    """

    event_index: Numbers
    game_loop: Numbers
    fields: Numbers
    items: Numbers | None = None


@dataclass(slots=True, kw_only=True)
class DecodedStream:
    """The intact part of a tracker stream, by event kind, and why it ends early (None when it is whole)."""

    events: dict[int, EventColumns]
    names: list[str]
    event_count: int
    fault: str | None
