"""Where a unit is between the moments at which the replay says so: it walks to where it was sent."""

import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float, float, bool]
"""A moment in seconds, x, y in map cells, and whether the replay itself says that the unit was there."""

CELLS_PER_SECOND = 4.0
"""Assumed of every unit, at speed Faster: the tracker tells no speeds. Of those tried, it errs least (docs/app.md)."""


def track(
    known: Iterable[tuple[float, float, float]],
    commands: Iterable[tuple[float, float, float, bool]],
    until: float,
    *,
    cells_per_second: float = CELLS_PER_SECOND,
) -> list[Point]:
    """A unit's points in order of time: the known places (seconds, x, y), and between them those that it reaches if it walks
    straight to the targets of its commands (seconds, x, y, whether it was queued behind others).

    Empty without a known place; commands before the first one are ignored.

    >>> track([(0.0, 0.0, 0.0)], [(1.0, 8.0, 0.0, False)], 10.0)
    [(0.0, 0.0, 0.0, True), (1.0, 0.0, 0.0, False), (3.0, 8.0, 0.0, False)]
    """
    events = sorted(
        [(at, 0, x, y, False) for at, x, y in known] + [(at, 1, x, y, later) for at, x, y, later in commands]
    )
    points: list[Point] = []
    targets: list[tuple[float, float]] = []
    for at, kind, x, y, is_queued in events:
        if at > until:
            break
        if not points and kind == 1:
            continue
        if points:
            _walk(points, targets, at, cells_per_second)
        if kind == 0:
            points.append((at, x, y, True))
        else:
            if points[-1][0] < at:
                points.append((at, *points[-1][1:3], False))
            targets[:] = [*targets, (x, y)] if is_queued else [(x, y)]
    if points:
        _walk(points, targets, until, cells_per_second)
    return points


def _walk(points: list[Point], targets: list[tuple[float, float]], until: float, cells_per_second: float) -> None:
    """Adds the points of the way to the targets, as far as the unit comes, and takes away those that it reached."""
    at, x, y, _ = points[-1]
    while targets and at < until:
        to_x, to_y = targets[0]
        seconds = math.hypot(to_x - x, to_y - y) / cells_per_second
        share = 1.0 if seconds <= until - at else (until - at) / seconds
        at, x, y = at + seconds * share, x + (to_x - x) * share, y + (to_y - y) * share
        points.append((at, x, y, False))
        if share == 1.0:
            targets.pop(0)


def place(points: Sequence[Point], at: float) -> tuple[float, float] | None:
    """Where a track is at a moment, on the straight line between two points; None before the first one.

    >>> place([(0.0, 0.0, 0.0, True), (2.0, 4.0, 0.0, False)], 1.0)
    (2.0, 0.0)
    """
    before = None
    for point in points:
        if point[0] > at:
            if before is None:
                return None
            share = (at - before[0]) / (point[0] - before[0])
            return before[1] + (point[1] - before[1]) * share, before[2] + (point[2] - before[2]) * share
        before = point
    return None if before is None else (before[1], before[2])
