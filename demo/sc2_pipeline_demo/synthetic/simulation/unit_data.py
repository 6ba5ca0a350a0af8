"""Units, structures and upgrades of scripted games, according to the game rules of their build."""

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from sc2_pipeline.game_rules import GameRules, Moment, coop_modes, melee_modes, rules_at

Category = Literal["Army", "Economy", "Technology"]
Command = tuple[str, int]
"""An ability and the index of its command."""

ATTACK: Final[Command] = ("attack", 0)
SPAWN_LARVA: Final[Command] = ("SpawnLarva", 0)
CALL_DOWN_MULE: Final[Command] = ("CalldownMULE", 0)
CHRONO_BOOST: Final[Command] = ("ChronoBoostEnergyCost", 0)
WARP_IN: Final = "WarpGateTrain"

_ECONOMY = ("worker", "supply", "gas", "townhall")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A unit, structure or upgrade. The cost of Zerg structures includes that of the Drone they consume."""

    name: str
    minerals: int
    vespene: int
    game_loops: int
    made_by: str
    command: Command
    supply_halves: int
    supply_made_halves: int
    category: Category
    needs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceData:
    """A race's opening, production and army."""

    worker: str
    town_hall: str
    supply: str
    gas: str
    production: str
    opening: tuple[tuple[int, str], ...]
    """Supply at which the next item is wanted."""
    army: tuple[str, ...]
    upgrades: tuple[str, ...]
    extra: str
    """A structure to start and cancel."""
    queen: str = ""

    @property
    def things(self) -> set[str]:
        """Names of all that it makes."""
        wanted = {name for _, name in self.opening} | {*self.army, *self.upgrades, self.queen}
        return (wanted | {self.worker, self.town_hall, self.supply, self.gas, self.production, self.extra}) - {""}


def game_rules(moment: Moment, *, is_coop: bool = False) -> GameRules:
    """The rules for a synthetic game of that moment: if two expansions were played, those of the later."""
    if is_coop:
        return rules_at(coop_modes(None), moment)
    return rules_at(melee_modes(moment, float("inf")), moment)


@cache
def things(rules: GameRules) -> dict[str, Thing]:
    """Everything that the races make, by name."""
    return {name: _thing(name, race, rules) for race in RACE_DATA.values() for name in race.things}


def _thing(name: str, race: RaceData, rules: GameRules) -> Thing:
    unit_type, item = rules.types.get(name), rules.item(name)
    made_of = rules.types.get(unit_type.made_of or "") if unit_type is not None else None
    is_built = unit_type is not None and unit_type.is_structure and (made_of is None or not made_of.is_structure)
    minerals, vespene = rules.worth(name) if is_built else rules.price(name)
    builder = race.worker if is_built else "Larva"
    return Thing(
        name=name,
        minerals=minerals,
        vespene=vespene,
        game_loops=round(rules.number(name, "build_time")),
        made_by=item.made_by[0] if item is not None and item.made_by else builder,
        command=rules.commands[name],
        supply_halves=round(2 * unit_type.supply) if unit_type is not None and not is_built else 0,
        supply_made_halves=_provided(name, rules) - (_provided(made_of.unit_type, rules) if made_of is not None else 0),
        category=_category(unit_type.category if unit_type is not None else "technology"),
        needs=unit_type.needs[0] if unit_type is not None and unit_type.needs else "",
    )


def _provided(name: str, rules: GameRules) -> int:
    return round(2 * rules.types[name].supply_provided) if name in rules.types else 0


def _category(category: str) -> Category:
    if category in _ECONOMY:
        return "Economy"
    return "Army" if category == "army" else "Technology"


RACE_DATA: dict[str, RaceData] = {
    "protoss": RaceData(
        worker="Probe",
        town_hall="Nexus",
        supply="Pylon",
        gas="Assimilator",
        production="Gateway",
        opening=(
            (14, "Pylon"),
            (16, "Gateway"),
            (17, "Assimilator"),
            (20, "Nexus"),
            (20, "CyberneticsCore"),
            (21, "Assimilator"),
            (24, "RoboticsFacility"),
            (30, "Gateway"),
            (34, "Forge"),
            (38, "Gateway"),
        ),
        army=("Immortal", "Stalker", "Zealot"),
        upgrades=("WarpGateResearch", "ProtossGroundWeaponsLevel1", "ProtossGroundArmorsLevel1"),
        extra="Forge",
    ),
    "terran": RaceData(
        worker="SCV",
        town_hall="CommandCenter",
        supply="SupplyDepot",
        gas="Refinery",
        production="Barracks",
        opening=(
            (14, "SupplyDepot"),
            (16, "Barracks"),
            (16, "Refinery"),
            (19, "OrbitalCommand"),
            (20, "CommandCenter"),
            (22, "Factory"),
            (26, "Barracks"),
            (30, "Starport"),
            (34, "EngineeringBay"),
            (36, "Barracks"),
            (38, "Refinery"),
        ),
        army=("SiegeTank", "Medivac", "Marine"),
        upgrades=("TerranInfantryWeaponsLevel1", "TerranInfantryArmorsLevel1"),
        extra="EngineeringBay",
    ),
    "zerg": RaceData(
        worker="Drone",
        town_hall="Hatchery",
        supply="Overlord",
        gas="Extractor",
        production="Hatchery",
        opening=(
            (13, "Overlord"),
            (16, "Hatchery"),
            (17, "Extractor"),
            (17, "SpawningPool"),
            (30, "RoachWarren"),
            (34, "EvolutionChamber"),
            (36, "Extractor"),
            (44, "Hatchery"),
        ),
        army=("Roach", "Zergling"),
        upgrades=("zerglingmovementspeed", "ZergMissileWeaponsLevel1", "ZergGroundArmorsLevel1"),
        extra="EvolutionChamber",
        queen="Queen",
    ),
}
