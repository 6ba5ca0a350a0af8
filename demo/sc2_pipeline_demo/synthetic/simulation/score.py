"""A player's bank and supply, and the resulting tracker statistics."""

from typing import Any

from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE, SUPPLY_LIMIT
from sc2_pipeline.game_rules import GameRules
from sc2_pipeline_demo.synthetic.simulation.unit_data import Category, Thing

MINERALS_PER_WORKER = 58
"""Per minute of game time at Faster."""
VESPENE_PER_WORKER = 54

_CATEGORIES: tuple[Category, ...] = ("Army", "Economy", "Technology")
_KINDS = ("UsedInProgress", "UsedCurrent", "Lost", "Killed", "FriendlyFire")
_ZEROES = {
    f"m_scoreValue{resource}{kind}{category}": 0
    for kind in _KINDS
    for resource in ("Minerals", "Vespene")
    for category in _CATEGORIES
}
_FOOD_ONE_HALF = 2048
"""The tracker's food is a fixed-point number with 12 fractional bits."""
_SUPPLY_LIMIT_HALVES = int(2 * SUPPLY_LIMIT)


class Score:
    """Accounting of one player: every payment, loss and kill goes through here, so that the totals always balance."""

    def __init__(self, rules: GameRules) -> None:
        self.supply_halves = 0
        self.supply_made_halves = 0
        self.workers = 0
        self.mineral_workers = 0
        self.gas_workers = 0
        self._amounts = dict(_ZEROES)
        # In units of 1/1,344, to use integers: a worker's minute is that many game loops.
        self._minerals = int(rules.number("game", "start_minerals")) * GAME_LOOPS_PER_MINUTE
        self._rate_minute = rules.number("game", "collection_rate_game_loops")
        self._vespene = 0
        self._gathered_until = 0

    @property
    def minerals(self) -> int:
        """In the bank."""
        return self._minerals // GAME_LOOPS_PER_MINUTE

    @property
    def vespene(self) -> int:
        """In the bank."""
        return self._vespene // GAME_LOOPS_PER_MINUTE

    @property
    def supply_free_halves(self) -> int:
        """Supply available for new units; the supply cap is at most 200."""
        return min(self.supply_made_halves, _SUPPLY_LIMIT_HALVES) - self.supply_halves

    def gather(self, game_loop: int) -> None:
        """Adds the workers' income up to that game loop."""
        loops = game_loop - self._gathered_until
        self._minerals += loops * self.mineral_workers * MINERALS_PER_WORKER
        self._vespene += loops * self.gas_workers * VESPENE_PER_WORKER
        self._gathered_until = game_loop

    def can_pay(self, thing: Thing, count: int = 1, *, spare: int = 0) -> bool:
        """Whether bank and supply suffice to start ``count`` of it, leaving ``spare`` minerals."""
        return (
            self.minerals - spare >= thing.minerals * count
            and self.vespene >= thing.vespene * count
            and (not thing.supply_halves or self.supply_free_halves >= thing.supply_halves * count)
        )

    def own(self, thing: Thing) -> None:
        """Adds it as owned from the start of the game."""
        self._book(thing, "UsedCurrent", 1)
        self.supply_halves += thing.supply_halves
        self.supply_made_halves += thing.supply_made_halves

    def begin(self, thing: Thing, *, already_paid: int = 0) -> None:
        """Pays for it; ``already_paid`` minerals of the price are in what it consumes."""
        self._minerals -= (thing.minerals - already_paid) * GAME_LOOPS_PER_MINUTE
        self._vespene -= thing.vespene * GAME_LOOPS_PER_MINUTE
        self._book(thing, "UsedInProgress", 1)
        self.supply_halves += thing.supply_halves

    def finish(self, thing: Thing) -> None:
        """Counts it as completed."""
        self._book(thing, "UsedInProgress", -1)
        self._book(thing, "UsedCurrent", 1)
        self.supply_made_halves += thing.supply_made_halves

    def cancel(self, thing: Thing, *, already_paid: int = 0) -> None:
        """Refunds three quarters, as the game does for structures."""
        self._book(thing, "UsedInProgress", -1)
        self._minerals += (thing.minerals - already_paid) * 3 * GAME_LOOPS_PER_MINUTE // 4
        self._vespene += thing.vespene * 3 * GAME_LOOPS_PER_MINUTE // 4
        self.supply_halves -= thing.supply_halves

    def give_up(self, thing: Thing) -> None:
        """Removes it without a kill."""
        self._book(thing, "UsedCurrent", -1)
        self.supply_halves -= thing.supply_halves

    def lose(self, thing: Thing) -> None:
        """Counts it as killed by an enemy."""
        self.give_up(thing)
        self._book(thing, "Lost", 1)
        self.supply_made_halves -= thing.supply_made_halves

    def kill(self, thing: Thing) -> None:
        """Counts an enemy's unit as killed."""
        self._book(thing, "Killed", 1)

    def stats(self) -> dict[str, Any]:
        """The tracker's ``m_stats``."""
        amounts = self._amounts
        return amounts | {
            "m_scoreValueMineralsCurrent": self.minerals,
            "m_scoreValueVespeneCurrent": self.vespene,
            "m_scoreValueMineralsCollectionRate": self._rate(self.mineral_workers * MINERALS_PER_WORKER),
            "m_scoreValueVespeneCollectionRate": self._rate(self.gas_workers * VESPENE_PER_WORKER),
            "m_scoreValueWorkersActiveCount": self.workers,
            "m_scoreValueFoodUsed": self.supply_halves * _FOOD_ONE_HALF,
            "m_scoreValueFoodMade": self.supply_made_halves * _FOOD_ONE_HALF,
            "m_scoreValueMineralsUsedActiveForces": amounts["m_scoreValueMineralsUsedCurrentArmy"],
            "m_scoreValueVespeneUsedActiveForces": amounts["m_scoreValueVespeneUsedCurrentArmy"],
        }

    def _rate(self, per_minute: int) -> int:
        """A rate as the client of that build reports it, whose minute may differ."""
        return round(per_minute * self._rate_minute / GAME_LOOPS_PER_MINUTE)

    def _book(self, thing: Thing, kind: str, sign: int) -> None:
        self._amounts[f"m_scoreValueMinerals{kind}{thing.category}"] += sign * thing.minerals
        self._amounts[f"m_scoreValueVespene{kind}{thing.category}"] += sign * thing.vespene
