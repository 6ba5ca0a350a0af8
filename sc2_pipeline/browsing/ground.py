"""The part of a map that a picture shows."""

from collections.abc import Sequence
from dataclasses import dataclass

MARGIN = 6
"""Cells around all places, where the playable area is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The rectangle of map cells that a picture of a game shows; y grows upwards, as in the game."""

    left: float
    bottom: float
    right: float
    top: float


Extent = Sequence[float | None]
"""A map's playable rectangle as in ``dim_maps``: left, bottom, right, top; None if no game reported it."""

NO_EXTENT: Extent = (None,) * 4


def ground_of(places: Sequence[tuple[float, float]], extent: Extent = NO_EXTENT) -> Ground | None:
    """The playable area, extended to contain all places; if it is unknown, the places' bounding box with a margin. None
    without places."""
    if not places:
        return None
    xs, ys = [x for x, _ in places], [y for _, y in places]
    known = [edge for edge in extent if edge is not None]
    if len(known) == len(NO_EXTENT) and known[0] < known[2] and known[1] < known[3]:
        left, bottom, right, top = known
        return Ground(left=min(left, *xs), bottom=min(bottom, *ys), right=max(right, *xs), top=max(top, *ys))
    left, bottom = max(0.0, min(xs) - MARGIN), max(0.0, min(ys) - MARGIN)
    return Ground(left=left, bottom=bottom, right=max(xs) + MARGIN, top=max(ys) + MARGIN)
