"""How a co-op commander's level and masteries change times, for that player alone.

Talents after spawningtool 3.0.0 (MIT), which has them from Blizzard's forums; prestiges that change times are not
known to anybody in numbers, so that such steps are derived, not exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CHRONO_MASTERY: Final = {"Artanis": 4, "Vorazun": 4, "Karax": 4, "Fenix": 4, "Alarak": 5}
"""Place of Chrono Boost Efficiency among the six masteries: 1% more for each point."""

_UPGRADE_MASTERY = {"Kerrigan": 4, "Abathur": 5}
"""Place of the mastery that takes 2% of upgrade times for each point; Abathur's works for structure morphs too."""

_PLAIN_UPGRADES = ("Armors", "Weapons")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeFactors:
    """What a player's times are multiplied by; 1 outside co-op."""

    units: float = 1.0
    upgrades: float = 1.0
    """Not for weapons and armour of Terran commanders."""
    structure_morphs: float = 1.0
    chrono_rate: float = 0.0
    """Added to the rate of Chrono Boost."""


def time_factors(commander: str | None, level: int | None, masteries: Sequence[int] | None) -> TimeFactors:
    """The factors of one player; what is not known changes nothing."""
    if commander is None:
        return TimeFactors()
    points = tuple(masteries or ()) + (0,) * 6
    units = upgrades = structure_morphs = 1.0
    if commander in _UPGRADE_MASTERY:
        upgrades = 1 - 0.02 * points[_UPGRADE_MASTERY[commander]]
        structure_morphs = upgrades if commander == "Abathur" else 1.0
    if commander == "Nova" and (level or 0) >= 11:
        upgrades = 0.5  # Research and Development
    if commander == "Horner" and (level or 0) >= 6:
        units = upgrades = 0.7  # Impatience
    if commander == "Zeratul" and (level or 0) >= 10:
        units = 0.5  # Chronometry
    chrono_rate = 0.01 * points[CHRONO_MASTERY[commander]] if commander in CHRONO_MASTERY else 0.0
    return TimeFactors(units=units, upgrades=upgrades, structure_morphs=structure_morphs, chrono_rate=chrono_rate)


def upgrade_factor(factors: TimeFactors, upgrade: str) -> float:
    """What the time of one upgrade is multiplied by."""
    if upgrade.startswith("Terran") and any(plain in upgrade for plain in _PLAIN_UPGRADES):
        return 1.0
    return factors.upgrades
