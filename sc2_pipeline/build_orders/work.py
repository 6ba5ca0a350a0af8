"""Duration of work under changing Chrono Boost: from start to finish, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor


@dataclass(frozen=True, slots=True)
class Boost:
    """A structure works ``rate`` times as fast from ``start`` until just before ``end`` (game loops)."""

    start: int
    end: int
    rate: float


_NEVER = 1 << 30

_ROUNDING = 1e-6
"""Tolerance in game loops for rates such as 1.15, which are not exact in binary."""


def finish(start: int, work: float, boosts: Sequence[Boost] = ()) -> int:
    """The game loop at which ``work`` begun at ``start`` is done; ``boosts`` ascend and do not overlap.

    >>> finish(100, 272, [Boost(0, 448, 1.5)])
    282
    """
    loop = float(start)
    left = work
    for boost in boosts:
        if boost.end <= loop:
            continue
        plain = max(boost.start - loop, 0.0)
        if left <= plain:
            break
        left -= plain
        loop = max(loop, boost.start)
        boosted = (boost.end - loop) * boost.rate
        if left <= boosted:
            return ceil(loop + left / boost.rate - _ROUNDING)
        left -= boosted
        loop = float(boost.end)
    return ceil(loop + left - _ROUNDING)


def latest_start(end: int, work: float, boosts: Sequence[Boost] = ()) -> int:
    """The last game loop at which ``work`` can start to be done at ``end``.

    >>> latest_start(282, 272, [Boost(0, 448, 1.5)])
    100
    """
    loop = float(end)
    left = work
    for boost in reversed(boosts):
        if boost.start >= loop:
            continue
        plain = max(loop - boost.end, 0.0)
        if left <= plain:
            break
        left -= plain
        loop = min(loop, float(boost.end))
        boosted = (loop - boost.start) * boost.rate
        if left <= boosted:
            return floor(loop - left / boost.rate + _ROUNDING)
        left -= boosted
        loop = float(boost.start)
    return floor(loop - left + _ROUNDING)


def game_loops_saved(start: int, end: int, boosts: Sequence[Boost] = ()) -> int:
    """How much longer work from ``start`` to ``end`` would have taken without ``boosts``."""
    return round(sum(max(min(end, b.end) - max(start, b.start), 0) * (b.rate - 1) for b in boosts))


def combined(boosts: Sequence[Boost], since: int, rate: float) -> list[Boost]:
    """Combines ``boosts`` with a permanent rate of ``rate`` from ``since`` on."""
    edges = sorted({since, _NEVER, *(edge for boost in boosts for edge in (boost.start, boost.end))})
    faster: list[Boost] = []
    for start, end in pairwise(edges):
        factor = rate if start >= since else 1.0
        for boost in boosts:
            if boost.start <= start < boost.end:
                factor *= boost.rate
        if factor != 1.0:
            faster.append(Boost(start, end, factor))
    return faster
