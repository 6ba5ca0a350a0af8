"""Facts about unit types from the game rules that complete the game's own data."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sc2_pipeline.game_messages import common_pb2, data_pb2
from sc2_pipeline.game_rules import LADDER, GameRules, Moment, UnitType, rules_at

_NEVER_IN_A_REPLAY: Final = re.compile(
    r"Gluescreen|GLUESCREEN|Preview|Missile(?!Turret)|Weapon|Bridge|^Shape[0-9A-Z]|^LoadOutSpray|^DummyUnit|^AutoTest|^Physics|"
    r"^System_|^Stereoscopic|^Ball$|^HelperEmitter|^MultiKillObject|^SNARE_|^TestZerg$|^ScopeTest$|Lance$"
)
"""Projectiles, doodads and menu models, which never occur in tracker streams."""

_PRICED_WITHOUT_THEIR_MORPH: Final = frozenset({"OverlordTransport"})
"""Types for which the game gives only the price of what they are made of."""

Units = Mapping[str, data_pb2.UnitTypeData]


def known_unit_types(units: Iterable[data_pb2.UnitTypeData], base_build: int) -> dict[str, dict[str, Any]]:
    """Columns of unit_types that the game does not provide, by name, for each named type that a replay can contain.

    The game gives some cocoons a price of zero, others that of what hatches; here all get the latter.
    """
    units = list(units)
    by_id = {unit.unit_id: unit.name for unit in units}
    named = {unit.name: unit for unit in units if unit.name and not _NEVER_IN_A_REPLAY.search(unit.name)}
    return dict(_known(named, by_id, rules_at(LADDER, Moment(base_build))))


def _known(units: Units, by_id: Mapping[int, str], rules: GameRules) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, unit in units.items():
        known = rules.types.get(name)
        alias = by_id.get(unit.unit_alias, "") if unit.unit_alias else ""
        base = known.base_type if known is not None else alias
        base = base if base in units else name
        of_base = rules.types.get(base)
        result = (of_base.hatches_into if of_base is not None else None) or base
        made_of = rules.types[result].made_of if result in rules.types else None
        minerals, vespene = _worth(result, units, rules)
        minerals_of, vespene_of = _worth(made_of, units, rules) if made_of is not None else (0, 0)
        is_structure = data_pb2.Structure in unit.attributes and unit.race != common_pb2.NoRace
        yield (
            name,
            {
                "base_unit_type": base,
                "category": _category(base, of_base, is_structure=is_structure, race=unit.race),
                "is_structure": is_structure,
                "made_of": made_of,
                "minerals": minerals - minerals_of,
                "vespene": vespene - vespene_of,
                "minerals_total": minerals,
                "vespene_total": vespene,
            },
        )


def _worth(name: str, units: Units, rules: GameRules) -> tuple[int, int]:
    if name in _PRICED_WITHOUT_THEIR_MORPH:
        return rules.worth(name)
    if name not in units:  # A version of the game without this type.
        return (0, 0)
    return units[name].mineral_cost, units[name].vespene_cost


def _category(name: str, known: UnitType | None, *, is_structure: bool, race: int) -> str:
    if known is not None:
        return known.category
    if race != common_pb2.NoRace:
        return "technology" if is_structure else "army"
    if name.startswith("Beacon") or name.endswith("Dummy"):
        return "dummy"
    return "resource" if re.search(r"MineralField|Geyser", name) else "neutral"
