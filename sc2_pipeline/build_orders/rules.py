"""Under which rules each player built: what takes how long, and what a type is."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from sc2_pipeline.game_data import shipped_tables
from sc2_pipeline.game_data.build_data import COOP, HOTS, LADDER, BuildItem, build_items

WORKERS: Final = frozenset({"SCV", "Probe", "Drone"})


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """What holds for a unit type in every game."""

    base_type: str
    """The type it is a mode or skin of; itself otherwise."""
    category: str
    is_structure: bool
    made_of: str | None
    """The type that turns into it: a Drone into every Zerg structure that is not one already."""
    supply: float
    supply_provided: float
    build_game_loops: float | None


@cache
def type_facts() -> dict[str, TypeFacts]:
    """By name of unit type, of the melee game's types."""
    table = shipped_tables()["known_unit_types"]
    names = ("unit_type", "base_unit_type", "category", "is_structure", "made_of", "supply", "supply_provided",
             "build_time_game_loops")  # fmt: skip
    rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    return {
        unit_type: TypeFacts(base, category, is_structure, made_of, float(supply or 0), float(provided or 0), time)
        for unit_type, base, category, is_structure, made_of, supply, provided, time in rows
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerRules:
    """What one player can build."""

    items: dict[str, BuildItem]
    is_known: bool
    """Times are those of this player's rules; false for a commander nobody has written down."""

    def item(self, name: str) -> BuildItem | None:
        """The item of that name, or of the type that ``name`` is a skin or mode of."""
        found = self.items.get(name)
        if found is None and (facts := type_facts().get(name)) is not None:
            found = self.items.get(facts.base_type)
        return found

    def build_time(self, name: str) -> tuple[float | None, str | None]:
        """How long something takes (game loops) and where that is from; structures by the recorded client."""
        item = self.item(name)
        if item is not None and item.game_loops is not None:
            return item.game_loops, item.origin
        facts = type_facts().get(name)
        if facts is None or not facts.is_structure or not facts.build_game_loops:
            return None, None
        return facts.build_game_loops, "known_unit_types"


def player_rules(
    *, commander: str | None, is_coop: bool, is_hots: bool, version: tuple[int, ...], played_on: date | None
) -> PlayerRules:
    """The rules for a player of that game."""
    if not is_coop:
        return PlayerRules(items=build_items([HOTS if is_hots else LADDER], version, played_on), is_known=True)
    chain = [COOP, LADDER] if commander is None else [commander, COOP, LADDER]
    return PlayerRules(items=build_items(chain), is_known=commander is not None)


def display_name(name: str, item: BuildItem | None) -> str:
    """The name as players see it; a type's own name cut into words where it is not known.

    >>> display_name("NydusCanalAttacker", None)
    'Nydus Canal Attacker'
    """
    if item is not None:
        return item.display_name
    words = ""
    for before, letter in zip(f" {name}", name, strict=False):
        words += f" {letter}" if letter.isupper() and before.islower() else letter
    return words
