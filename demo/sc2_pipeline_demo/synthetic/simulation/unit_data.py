"""What scripted games are made of: units, structures and upgrades with costs and times of Legacy of the Void.

Times are game loops as births in real replays show them (a Drone 272, a Spawning Pool 1040); costs are those of 5.0.
Ability links and unit links are those of base build 80949, as commands in real replays name them.
"""

from dataclasses import dataclass
from typing import Literal

Category = Literal["Army", "Economy", "Technology"]

MULE_GAME_LOOPS = 1434
LARVA_GAME_LOOPS = 240
INJECT_GAME_LOOPS = 650
CHRONO_GAME_LOOPS = 448
WARP_IN_GAME_LOOPS = 80
ENERGY_GAME_LOOPS = 1422
"""A town hall gathers 50 energy, the price of its spell, at 0.03515625 a loop."""

UNIT_LINKS = {
    "CommandCenter": 39,
    "Barracks": 42,
    "EngineeringBay": 43,
    "Factory": 49,
    "Starport": 50,
    "SCV": 68,
    "Nexus": 82,
    "Gateway": 85,
    "Forge": 86,
    "RoboticsFacility": 94,
    "CyberneticsCore": 95,
    "Probe": 107,
    "Hatchery": 109,
    "SpawningPool": 112,
    "EvolutionChamber": 113,
    "Drone": 127,
    "OrbitalCommand": 155,
    "WarpGate": 156,
    "Larva": 189,
}
"""Unit types as selections name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A unit, structure or upgrade. Zerg structures cost what they cost and the Drone they consume."""

    name: str
    minerals: int
    game_loops: int
    made_by: str
    command: tuple[int, int]
    vespene: int = 0
    supply_halves: int = 0
    supply_made_halves: int = 0
    category: Category = "Army"
    ability: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceData:
    """How a race opens, grows and fights."""

    worker: str
    town_hall: str
    supply: str
    gas: str
    production: str
    opening: tuple[tuple[int, str], ...]
    """Supply at which the next thing is wanted."""
    army: tuple[str, ...]
    upgrades: tuple[str, ...]
    extra: str
    """A structure to begin and cancel."""


def _unit(
    name: str, cost: tuple[int, int], *, supply: int, loops: int, maker: str, ability: str, command: int
) -> Thing:
    category: Category = "Economy" if name in {"Probe", "SCV", "Drone", "Overlord"} else "Army"
    return Thing(
        name=name,
        minerals=cost[0],
        vespene=cost[1],
        supply_halves=supply,
        supply_made_halves=16 if name == "Overlord" else 0,
        game_loops=loops,
        made_by=maker,
        ability=ability,
        category=category,
        command=(_TRAIN_LINKS[ability], command),
        needs=_NEEDS.get(name, ""),
    )


def _structure(name: str, cost: tuple[int, int], *, loops: int, builder: str, command: int, makes: int = 0) -> Thing:
    return Thing(
        name=name,
        minerals=cost[0],
        vespene=cost[1],
        supply_made_halves=makes,
        game_loops=loops,
        made_by=builder,
        category="Economy" if makes or name in {"Assimilator", "Refinery", "Extractor"} else "Technology",
        command=({"Probe": 172, "SCV": 131, "Drone": 185}[builder], command),
        needs=_NEEDS.get(name, ""),
    )


def _upgrade(name: str, cost: int, loops: int, maker: str, command: tuple[int, int]) -> Thing:
    return Thing(
        name=name,
        minerals=cost,
        vespene=cost,
        game_loops=loops,
        made_by=maker,
        category="Technology",
        command=command,
    )


_TRAIN_LINKS = {
    "NexusTrain": 177,
    "GatewayTrain": 174,
    "RoboticsFacilityTrain": 176,
    "CommandCenterTrain": 157,
    "BarracksTrain": 161,
    "FactoryTrain": 162,
    "StarportTrain": 163,
    "LarvaTrain": 195,
    "TrainQueen": 245,
}

_NEEDS = {
    "Gateway": "Pylon",
    "CyberneticsCore": "Gateway",
    "Forge": "Pylon",
    "RoboticsFacility": "CyberneticsCore",
    "Stalker": "CyberneticsCore",
    "Barracks": "SupplyDepot",
    "OrbitalCommand": "Barracks",
    "Factory": "Barracks",
    "Starport": "Factory",
    "SpawningPool": "Hatchery",
    "RoachWarren": "SpawningPool",
    "EvolutionChamber": "Hatchery",
    "Zergling": "SpawningPool",
    "Queen": "SpawningPool",
    "Roach": "RoachWarren",
}

_THINGS = (
    _unit("Probe", (50, 0), supply=2, loops=272, maker="Nexus", ability="NexusTrain", command=0),
    _unit("Zealot", (100, 0), supply=4, loops=608, maker="Gateway", ability="GatewayTrain", command=0),
    _unit("Stalker", (125, 50), supply=4, loops=672, maker="Gateway", ability="GatewayTrain", command=1),
    _unit(
        "Immortal",
        (275, 100),
        supply=8,
        loops=880,
        maker="RoboticsFacility",
        ability="RoboticsFacilityTrain",
        command=3,
    ),
    _structure("Nexus", (400, 0), loops=1600, builder="Probe", command=0, makes=30),
    _structure("Pylon", (100, 0), loops=400, builder="Probe", command=1, makes=16),
    _structure("Assimilator", (75, 0), loops=480, builder="Probe", command=2),
    _structure("Gateway", (150, 0), loops=1040, builder="Probe", command=3),
    _structure("Forge", (150, 0), loops=720, builder="Probe", command=4),
    _structure("RoboticsFacility", (150, 100), loops=1040, builder="Probe", command=13),
    _structure("CyberneticsCore", (150, 0), loops=800, builder="Probe", command=14),
    _upgrade("WarpGateResearch", 50, 2240, "CyberneticsCore", (238, 6)),
    _upgrade("ProtossGroundWeaponsLevel1", 100, 2880, "Forge", (182, 0)),
    _upgrade("ProtossGroundArmorsLevel1", 100, 2880, "Forge", (182, 3)),
    _unit("SCV", (50, 0), supply=2, loops=272, maker="CommandCenter", ability="CommandCenterTrain", command=0),
    _unit("Marine", (50, 0), supply=2, loops=400, maker="Barracks", ability="BarracksTrain", command=0),
    _unit("SiegeTank", (150, 125), supply=6, loops=720, maker="Factory", ability="FactoryTrain", command=1),
    _unit("Medivac", (100, 100), supply=4, loops=672, maker="Starport", ability="StarportTrain", command=0),
    _structure("CommandCenter", (400, 0), loops=1600, builder="SCV", command=0, makes=30),
    _structure("SupplyDepot", (100, 0), loops=480, builder="SCV", command=1, makes=16),
    _structure("Refinery", (75, 0), loops=480, builder="SCV", command=2),
    _structure("Barracks", (150, 0), loops=1040, builder="SCV", command=3),
    _structure("EngineeringBay", (125, 0), loops=560, builder="SCV", command=4),
    _structure("Factory", (150, 100), loops=960, builder="SCV", command=10),
    _structure("Starport", (150, 100), loops=800, builder="SCV", command=11),
    Thing(
        name="OrbitalCommand",
        minerals=150,
        game_loops=560,
        made_by="CommandCenter",
        command=(229, 0),
        category="Economy",
        needs="Barracks",
    ),
    _upgrade("TerranInfantryWeaponsLevel1", 100, 2560, "EngineeringBay", (164, 2)),
    _upgrade("TerranInfantryArmorsLevel1", 100, 2560, "EngineeringBay", (164, 6)),
    _unit("Drone", (50, 0), supply=2, loops=272, maker="Larva", ability="LarvaTrain", command=0),
    _unit("Zergling", (25, 0), supply=1, loops=384, maker="Larva", ability="LarvaTrain", command=1),
    _unit("Overlord", (100, 0), supply=0, loops=400, maker="Larva", ability="LarvaTrain", command=2),
    _unit("Roach", (75, 25), supply=4, loops=432, maker="Larva", ability="LarvaTrain", command=9),
    _unit("Queen", (150, 0), supply=4, loops=800, maker="Hatchery", ability="TrainQueen", command=0),
    _structure("Hatchery", (350, 0), loops=1600, builder="Drone", command=0, makes=12),
    _structure("Extractor", (75, 0), loops=480, builder="Drone", command=2),
    _structure("SpawningPool", (250, 0), loops=1040, builder="Drone", command=3),
    _structure("EvolutionChamber", (125, 0), loops=560, builder="Drone", command=4),
    _structure("RoachWarren", (200, 0), loops=880, builder="Drone", command=13),
    _upgrade("zerglingmovementspeed", 100, 1760, "SpawningPool", (192, 1)),
    _upgrade("ZergMissileWeaponsLevel1", 100, 2560, "EvolutionChamber", (187, 6)),
    _upgrade("ZergGroundArmorsLevel1", 150, 2560, "EvolutionChamber", (187, 3)),
)

THINGS: dict[str, Thing] = {thing.name: thing for thing in _THINGS}

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
    ),
}
