"""Chrono Boost: which structure worked faster, and when.

What it does changed with patches: 50% for 320 game loops (20 seconds of speed Normal) in Heart of the Swarm, 15% for as
long as it stays on a structure from Legacy of the Void's launch, 22.5% in co-op, 100% for 224 game loops in 4.0, and since
the balance update of 2017-12-18 50% for 448: 224 game loops saved, which is what fully boosted births in replays show.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from sc2_pipeline.build_orders.work import Boost
from sc2_pipeline.game import GAME_LOOPS_PER_SECOND

NEXUS_ENERGY: Final = 50.0
"""What a Nexus begins with, and what Chrono Boost costs."""

ENERGY_PER_GAME_LOOP: Final = 0.7875 / GAME_LOOPS_PER_SECOND
MAX_ENERGY: Final = 200.0
"""Nexus: 0.7875 energy a second (Liquipedia; zephyrus has the same 0.03515625 a game loop)."""

_NEVER: Final = 1 << 30

COOP_RATE: Final = 1.225
"""33 of 33 Probes of Artanis (4.2.1, no masteries) left a queue 222 game loops apart, which no rate below 1.221 or above
1.226 gives; on the ladder of 3.16 and 3.19 it is 236, which is 1.15."""

CHANGED_ON: Final = date(2017, 12, 18)
FIRST_ENERGY_BUILD: Final = 59587


@dataclass(frozen=True, slots=True, kw_only=True)
class ChronoRules:
    """One player's Chrono Boost. ``game_loops`` is None where it stays until it is moved."""

    rate: float
    game_loops: int | None
    costs_energy: bool


@dataclass(frozen=True, slots=True)
class Cast:
    """A command to boost a structure, and the Nexuses selected for it (empty where unknown)."""

    game_loop: int
    target_tag: int
    casters: tuple[int, ...]


def chrono_rules(
    *, base_build: int, is_hots: bool, is_coop: bool, played_on: date | None, mastery: float = 0.0
) -> ChronoRules:
    """What Chrono Boost does in that game; ``mastery`` is a co-op commander's addition to the rate."""
    if is_coop:
        return ChronoRules(rate=COOP_RATE + mastery, game_loops=None, costs_energy=False)
    if is_hots:
        return ChronoRules(rate=1.5, game_loops=320, costs_energy=False)
    if base_build < FIRST_ENERGY_BUILD:
        return ChronoRules(rate=1.15, game_loops=None, costs_energy=False)
    if played_on is not None and played_on < CHANGED_ON:
        return ChronoRules(rate=2.0, game_loops=224, costs_energy=True)
    return ChronoRules(rate=1.5, game_loops=448, costs_energy=True)


def boosts(casts: Iterable[Cast], nexus_births: dict[int, int], rules: ChronoRules) -> dict[int, list[Boost]]:
    """By structure, when it worked faster; ``nexus_births`` are the player's Nexuses and when they were whole."""
    if rules.game_loops is None:
        return _lasting(casts, nexus_births, rules)
    energy = _Energy(nexus_births)
    windows: dict[int, list[Boost]] = {}
    for cast in casts:
        if rules.costs_energy and not energy.spend(cast):
            continue
        known = windows.setdefault(cast.target_tag, [])
        start = cast.game_loop
        if known and known[-1].end > start:
            # Cast again, it begins anew: the first one ends where the second starts.
            known[-1] = Boost(known[-1].start, start, rules.rate)
        known.append(Boost(start, start + rules.game_loops, rules.rate))
    return windows


def _lasting(casts: Iterable[Cast], nexus_births: dict[int, int], rules: ChronoRules) -> dict[int, list[Boost]]:
    """Each Nexus boosts one structure until it is told of another; at first itself."""
    by_caster = {tag: [Cast(born, tag, (tag,))] for tag, born in nexus_births.items()}
    for cast in casts:
        for caster in cast.casters[:1]:
            by_caster.setdefault(caster, []).append(cast)
    windows: dict[int, list[Boost]] = {}
    for sequence in by_caster.values():
        ends = [later.game_loop for _, later in pairwise(sequence)] + [_NEVER]
        for cast, end in zip(sequence, ends, strict=True):
            windows.setdefault(cast.target_tag, []).append(Boost(cast.game_loop, end, rules.rate))
    return {tag: _without_overlap(sorted(found, key=lambda boost: boost.start)) for tag, found in windows.items()}


def _without_overlap(found: list[Boost]) -> list[Boost]:
    apart: list[Boost] = []
    for boost in found:
        start = max(boost.start, apart[-1].end) if apart else boost.start
        if start < boost.end:
            apart.append(Boost(start, boost.end, boost.rate))
    return apart


class _Energy:
    """Energy of every Nexus, to tell casts that worked from keys that were pressed in vain."""

    def __init__(self, nexus_births: dict[int, int]) -> None:
        self._state = {tag: (born, NEXUS_ENERGY) for tag, born in nexus_births.items()}

    def spend(self, cast: Cast) -> bool:
        """Takes the cost from the selected Nexus that has most; False when none has enough."""
        able = [(self._at(tag, cast.game_loop), tag) for tag in cast.casters or self._state if tag in self._state]
        if not able:
            return True
        most, tag = max(able)
        # One energy of grace: the rate is rounded, and casts are ordered a moment before they happen.
        if most < NEXUS_ENERGY - 1:
            return False
        self._state[tag] = (cast.game_loop, most - NEXUS_ENERGY)
        return True

    def _at(self, tag: int, game_loop: int) -> float:
        since, energy = self._state[tag]
        if game_loop < since:
            return -1.0
        return min(energy + (game_loop - since) * ENERGY_PER_GAME_LOOP, MAX_ENERGY)
