"""Unit types and upgrades of the stand-in, and its answer to a request for game data.

Costs and times come from the rules of its build. The files beside this module contain what only the game itself
provides: ids, attributes and combat figures from answers that python-sc2 recorded (MIT; LICENSE-python-sc2.txt in
sc2_pipeline.game_rules), and vital points, written down by hand.
"""

import csv
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sc2_pipeline.game_messages import common_pb2, data_pb2, sc2api_pb2
from sc2_pipeline.game_rules import LADDER, GameRules, Moment, rules_at

TYPES_FILE = Path(__file__).with_name("known_types.csv")
UPGRADES_FILE = Path(__file__).with_name("known_upgrades.csv")

FIRST_UNKNOWN_ID = 100_000
"""Types in a replay that are not in the files (arcade, co-op) get ids from here on, derived from their names, so that
every instance assigns the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownType:
    """One unit type. Vital points are maxima; ``build_time`` is in game loops, 0 if nothing builds it."""

    unit_type_id: int
    name: str
    race: int
    minerals: int
    vespene: int
    supply: float
    supply_provided: float
    build_time: float
    ability_id: int
    attributes: tuple[int, ...]
    movement_speed: float
    armor: float
    sight_range: float
    weapon_range: float | None
    weapon_damage: float | None
    weapon_speed: float | None
    radius: float
    health: float
    shield: float
    energy: float
    is_flying: bool

    starting_energy: float
    energy_per_game_loop: float
    category: str

    @property
    def is_structure(self) -> bool:
        """Whether the game counts it as a structure."""
        return data_pb2.Structure in self.attributes

    @property
    def is_worker(self) -> bool:
        """Whether it harvests resources."""
        return self.category == "worker"

    @property
    def is_town_hall(self) -> bool:
        """Whether workers return cargo to it."""
        return self.category == "townhall"


class KnownTypes:
    """Types by name, as of a base build; an unknown name becomes a new type."""

    def __init__(self, base_build: int) -> None:
        self._rules = rules_at(LADDER, Moment(base_build))
        self._by_name = dict(_types(self._rules))

    def of(self, name: str) -> KnownType:
        """The type of that name."""
        known = self._by_name.get(name)
        if known is None:
            known = self._by_name[name] = _unknown(name, FIRST_UNKNOWN_ID + zlib.crc32(name.encode()) % 2**20)
        return known

    def game_data(self) -> sc2api_pb2.ResponseData:
        """All types with the abilities that make them, all upgrades, and the buffs and effects that occur."""
        answer = sc2api_pb2.ResponseData()
        for known in sorted(self._by_name.values(), key=lambda known: known.unit_type_id):
            _fill_unit(answer.units.add(), known)
            if known.ability_id:
                answer.abilities.add(
                    ability_id=known.ability_id, link_name=f"Make{known.name}", friendly_name=f"Make {known.name}"
                )
        for name, row in upgrades().items():
            minerals, vespene = self._rules.price(name)
            answer.upgrades.add(
                upgrade_id=int(row["upgrade_id"]),
                name=name,
                mineral_cost=minerals,
                vespene_cost=vespene,
                research_time=self._rules.value(name, "build_time") or 0,
                ability_id=int(row["ability_id"]),
            )
        for ability_id, name in HARVEST_ABILITIES.items():
            answer.abilities.add(
                ability_id=ability_id, link_name=name, friendly_name=f"Harvest Gather {name.removesuffix('Harvest')}"
            )
        answer.buffs.add(buff_id=CARRIES_MINERALS, name="CarryMineralFieldMinerals")
        answer.effects.add(effect_id=1, name="PsiStormPersistent", friendly_name="Psi Storm", radius=1.5)
        return answer


HARVEST_ABILITIES = {295: "SCVHarvest", 298: "ProbeHarvest", 1183: "DroneHarvest"}
"""Ability ids of gathering by worker type, as recorded."""

CARRIES_MINERALS = 271
"""Buff id, as recorded."""


_RACES = {"neutral": common_pb2.NoRace, "terran": common_pb2.Terran, "zerg": common_pb2.Zerg,
          "protoss": common_pb2.Protoss}  # fmt: skip


@cache
def upgrades() -> dict[str, dict[str, str]]:
    """Rows of known_upgrades.csv by name."""
    return {row["name"]: row for row in _rows(UPGRADES_FILE)}


def _types(rules: GameRules) -> Iterator[tuple[str, KnownType]]:
    for row in _rows(TYPES_FILE):
        name = row["name"]
        unit_type = rules.types[name]
        minerals, vespene = rules.worth(name)
        yield (
            name,
            KnownType(
                unit_type_id=int(row["unit_type_id"]),
                name=name,
                race=_RACES[unit_type.race],
                minerals=minerals,
                vespene=vespene,
                supply=unit_type.supply,
                supply_provided=unit_type.supply_provided,
                build_time=rules.value(name, "build_time") or 0,
                ability_id=int(row["ability_id"]),
                attributes=tuple(map(int, row["attributes"].split())),
                movement_speed=float(row["movement_speed"]),
                armor=float(row["armor"]),
                sight_range=float(row["sight_range"]),
                weapon_range=_optional(row["weapon_range"]),
                weapon_damage=_optional(row["weapon_damage"]),
                weapon_speed=_optional(row["weapon_speed"]),
                radius=float(row["radius"]),
                health=float(row["health"]),
                shield=float(row["shield"]),
                energy=float(row["energy"]),
                is_flying=row["is_flying"] == "1",
                starting_energy=rules.value(name, "starting_energy") or rules.number("Nexus", "starting_energy"),
                energy_per_game_loop=rules.number("game", "energy_per_game_loop"),
                category=unit_type.category,
            ),
        )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _optional(text: str) -> float | None:
    return float(text) if text else None


def _unknown(name: str, unit_type_id: int) -> KnownType:
    return KnownType(
        unit_type_id=unit_type_id,
        name=name,
        race=0,
        minerals=0,
        vespene=0,
        supply=0,
        supply_provided=0,
        build_time=0,
        ability_id=0,
        attributes=(),
        movement_speed=0,
        armor=0,
        sight_range=9,
        weapon_range=None,
        weapon_damage=None,
        weapon_speed=None,
        radius=0.5,
        health=100,
        shield=0,
        energy=0,
        is_flying=False,
        starting_energy=0,
        energy_per_game_loop=0,
        category="unknown",
    )


def _fill_unit(unit: data_pb2.UnitTypeData, known: KnownType) -> None:
    unit.unit_id = known.unit_type_id
    unit.name = known.name
    unit.available = True
    unit.mineral_cost = known.minerals
    unit.vespene_cost = known.vespene
    if known.supply:
        unit.food_required = known.supply
    if known.supply_provided:
        unit.food_provided = known.supply_provided
    unit.race = common_pb2.Race.ValueType(known.race)
    unit.attributes.extend(map(data_pb2.Attribute.ValueType, known.attributes))
    unit.movement_speed = known.movement_speed
    unit.armor = known.armor
    unit.sight_range = known.sight_range
    if known.ability_id:
        unit.ability_id = known.ability_id
        unit.build_time = known.build_time
    if known.weapon_range is not None:
        unit.weapons.add(
            type=data_pb2.Weapon.Any,
            damage=known.weapon_damage or 0,
            attacks=1,
            range=known.weapon_range,
            speed=known.weapon_speed or 0,
        )
