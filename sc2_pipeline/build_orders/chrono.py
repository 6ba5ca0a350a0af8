"""Chrono Boost: when each structure was boosted."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sc2_pipeline.build_orders.work import Boost
from sc2_pipeline.game_rules import GameRules

_NEVER: Final = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """Energy cost of a boost, and a Nexus's starting, maximum and regenerated energy."""

    cost: float
    at_start: float
    most: float
    per_game_loop: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChronoRules:
    """One player's Chrono Boost. ``game_loops`` is None if it lasts until it is moved, ``energy`` if it costs none."""

    rate: float
    game_loops: float | None
    energy: Energy | None


@dataclass(frozen=True, slots=True)
class Cast:
    """A command to boost a structure, and the Nexuses selected for it (empty if unknown)."""

    game_loop: int
    target_tag: int
    casters: tuple[int, ...]


def chrono_rules(rules: GameRules, *, mastery: float = 0.0) -> ChronoRules:
    """Chrono Boost under those rules; ``mastery`` is a co-op commander's addition to the rate."""
    cost = rules.value("ChronoBoost", "energy_cost")
    return ChronoRules(
        rate=rules.number("ChronoBoost", "rate") + mastery,
        game_loops=rules.value("ChronoBoost", "duration"),
        energy=None if cost is None else _energy(rules, cost),
    )


def _energy(rules: GameRules, cost: float) -> Energy:
    return Energy(
        cost=cost,
        at_start=rules.number("Nexus", "starting_energy"),
        most=rules.number("Nexus", "max_energy"),
        per_game_loop=rules.number("game", "energy_per_game_loop"),
    )


def boosts(casts: Iterable[Cast], nexus_births: dict[int, int], rules: ChronoRules) -> dict[int, list[Boost]]:
    """Boosted periods by structure; ``nexus_births`` are the player's Nexuses and their completion times."""
    if rules.game_loops is None:
        return _lasting(casts, nexus_births, rules)
    bank = None if rules.energy is None else _Bank(rules.energy, nexus_births)
    windows: dict[int, list[Boost]] = {}
    for cast in casts:
        if bank is not None and not bank.spend(cast):
            continue
        known = windows.setdefault(cast.target_tag, [])
        start = cast.game_loop
        if known and known[-1].end > start:
            # A repeated cast restarts the boost: the first one ends where the second begins.
            known[-1] = Boost(known[-1].start, start, rules.rate)
        known.append(Boost(start, start + round(rules.game_loops), rules.rate))
    return windows


def _lasting(casts: Iterable[Cast], nexus_births: dict[int, int], rules: ChronoRules) -> dict[int, list[Boost]]:
    """Each Nexus boosts one structure, at first itself, until it is given another target."""
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


class _Bank:
    """Energy of every Nexus, to separate casts that succeeded from key presses without effect."""

    def __init__(self, energy: Energy, nexus_births: dict[int, int]) -> None:
        self._energy = energy
        self._state = {tag: (born, energy.at_start) for tag, born in nexus_births.items()}

    def spend(self, cast: Cast) -> bool:
        """Takes the cost from the selected Nexus with the most energy; False if none has enough."""
        able = [(self._at(tag, cast.game_loop), tag) for tag in cast.casters or self._state if tag in self._state]
        if not able:
            return True
        most, tag = max(able)
        # Tolerance of one energy: the rate is rounded, and casts are ordered a moment before they happen.
        if most < self._energy.cost - 1:
            return False
        self._state[tag] = (cast.game_loop, most - self._energy.cost)
        return True

    def _at(self, tag: int, game_loop: int) -> float:
        since, energy = self._state[tag]
        if game_loop < since:
            return -1.0
        return min(energy + (game_loop - since) * self._energy.per_game_loop, self._energy.most)
