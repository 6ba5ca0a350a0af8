"""Effects of a co-op commander's level and masteries on times, for that player alone.

No numbers are known for prestiges that change times, so such steps are derived, not exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from sc2_pipeline.game_rules import GameRules

_MASTERIES = 6

_PLAIN_UPGRADES = ("Armors", "Weapons")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFactors:
    """Factors on a player's times; 1 outside co-op."""

    units: float = 1.0
    upgrades: float = 1.0
    """Excludes weapons and armour of Terran commanders."""
    structure_morphs: float = 1.0
    chrono_rate: float = 0.0
    """Added to the rate of Chrono Boost."""


def time_factors(rules: GameRules, level: int | None, masteries: Sequence[int] | None) -> TimeFactors:
    """Factors of one player of co-op; 1 where unknown."""
    points = (tuple(masteries or ()) + (0,) * _MASTERIES)[:_MASTERIES]
    levels = range(1, (level or 0) + 1)

    def by_masteries(fact: str) -> float:
        per_point = (rules.value(f"mastery {place}", f"{fact}_per_point") for place in range(_MASTERIES))
        return sum((one or 0.0) * count for one, count in zip(per_point, points, strict=True))

    def by_levels(fact: str) -> float:
        return prod(rules.value(f"level {reached}", fact) or 1.0 for reached in levels)

    def factor(fact: str) -> float:
        return (1 + by_masteries(fact)) * by_levels(fact)

    return TimeFactors(
        units=factor("unit_time"),
        upgrades=factor("upgrade_time"),
        structure_morphs=factor("structure_morph_time"),
        chrono_rate=by_masteries("chrono_rate"),
    )


def upgrade_factor(factors: TimeFactors, upgrade: str) -> float:
    """Factor on the research time of one upgrade."""
    if upgrade.startswith("Terran") and any(plain in upgrade for plain in _PLAIN_UPGRADES):
        return 1.0
    return factors.upgrades
