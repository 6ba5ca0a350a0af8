"""Makes known_types.csv and known_upgrades.csv: what the stand-in answers to a request for game data.

Run it by hand when newer recordings are at hand::

    python -m sc2_pipeline_demo.stand_in.generate RECORDINGS

where RECORDINGS is a folder of ``*.ResponseData.pb.xz`` and ``*.ResponseObservation.pb.xz`` (python-sc2's test data,
MIT; LICENSE-python-sc2.txt beside this file). Ids, names and figures are theirs; the recordings hold
no vital points of units that nobody built, so those of the melee game are written down here.
"""

import csv
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path

from sc2_pipeline.game_data.generate import NEVER_IN_A_REPLAY
from sc2_pipeline.game_messages import data_pb2, raw_pb2, sc2api_pb2
from sc2_pipeline_demo.stand_in.known_types import TYPES_FILE, UPGRADES_FILE

HEALTH = """
SCV 45 MULE 60 Marine 45 Marauder 125 Reaper 60 Ghost 125 Hellion 90 HellionTank 135 WidowMine 90 SiegeTank 175
Cyclone 180 Thor 400 Viking 135 Medivac 150 Liberator 180 Banshee 140 Raven 140 Battlecruiser 550 AutoTurret 100
CommandCenter 1500 OrbitalCommand 1500 PlanetaryFortress 1500 SupplyDepot 400 Refinery 500 Barracks 1000
EngineeringBay 850 Bunker 400 MissileTurret 250 SensorTower 200 GhostAcademy 1250 Factory 1250 Starport 1300 Armory 750
FusionCore 750 TechLab 400 Reactor 400 Drone 40 Larva 25 Egg 200 Overlord 200 Overseer 200 Queen 175 Zergling 35
Baneling 30 Roach 145 Ravager 120 Hydralisk 90 Lurker 190 Infestor 90 SwarmHost 160 Ultralisk 500 Mutalisk 120
Corruptor 200 BroodLord 225 Viper 150 Broodling 20 Hatchery 1500 Lair 2000 Hive 2500 Extractor 500 SpawningPool 1000
EvolutionChamber 750 SpineCrawler 300 SporeCrawler 300 RoachWarren 850 BanelingNest 850 HydraliskDen 850 LurkerDen 850
InfestationPit 850 Spire 850 GreaterSpire 1000 NydusNetwork 850 UltraliskCavern 850 CreepTumor 50 Probe 20 Zealot 100
Stalker 80 Sentry 40 Adept 70 HighTemplar 40 DarkTemplar 40 Archon 10 Observer 40 WarpPrism 80 Immortal 200
Colossus 200 Disruptor 100 Phoenix 120 VoidRay 150 Oracle 100 Tempest 200 Carrier 300 Interceptor 40 Mothership 350
Nexus 1000 Pylon 200 Assimilator 300 Gateway 500 WarpGate 500 Forge 400 CyberneticsCore 550 PhotonCannon 150
ShieldBattery 150 RoboticsFacility 450 Stargate 600 TwilightCouncil 500 RoboticsBay 500 FleetBeacon 500
TemplarArchive 500 DarkShrine 500
"""
SHIELD = """
Probe 20 Zealot 50 Stalker 80 Sentry 40 Adept 70 HighTemplar 40 DarkTemplar 80 Archon 350 Observer 20 WarpPrism 100
Immortal 100 Colossus 150 Disruptor 100 Phoenix 60 VoidRay 100 Oracle 60 Tempest 100 Carrier 150 Interceptor 40
Mothership 350 Nexus 1000 Pylon 200 Assimilator 300 Gateway 500 WarpGate 500 Forge 400 CyberneticsCore 550
PhotonCannon 150 ShieldBattery 150 RoboticsFacility 450 Stargate 600 TwilightCouncil 500 RoboticsBay 500
FleetBeacon 500 TemplarArchive 500 DarkShrine 500
"""
ENERGY = """
Ghost 200 Medivac 200 Raven 200 Banshee 200 OrbitalCommand 200 Queen 200 Infestor 200 Viper 200 Overseer 200 Sentry 200
HighTemplar 200 Phoenix 200 Oracle 200 Mothership 200 Nexus 200 ShieldBattery 100
"""
FLYING = (
    "Viking Medivac Liberator Banshee Raven Battlecruiser Overlord Overseer Mutalisk Corruptor BroodLord Viper Observer "
    "WarpPrism Phoenix VoidRay Oracle Tempest Carrier Interceptor Mothership"
)
"""Space-separated; a name covers every mode of the unit (``SiegeTankSieged``, ``OverlordTransport``)."""


def main(recordings: str) -> None:
    """Writes both files from the newest recording and the units seen in all observations."""
    data = sc2api_pb2.ResponseData()
    for path in sorted(Path(recordings).rglob("*.ResponseData.pb.xz")):
        candidate = sc2api_pb2.ResponseData.FromString(lzma.decompress(path.read_bytes()))
        if len(candidate.units) > len(data.units):
            data = candidate
    seen = _seen(Path(recordings))
    _write(TYPES_FILE, [_type(unit, seen.get(unit.unit_id)) for unit in data.units if _is_wanted(unit)])
    _write(UPGRADES_FILE, [_upgrade(upgrade) for upgrade in data.upgrades if upgrade.name])


def _is_wanted(unit: data_pb2.UnitTypeData) -> bool:
    return bool(unit.name) and not NEVER_IN_A_REPLAY.search(unit.name)


def _seen(recordings: Path) -> dict[int, raw_pb2.Unit]:
    """One visible unit of each type that stands in an observation."""
    seen = {}
    for path in sorted(recordings.rglob("*.ResponseObservation.pb.xz")):
        message = sc2api_pb2.ResponseObservation.FromString(lzma.decompress(path.read_bytes()))
        for unit in message.observation.raw_data.units:
            if unit.display_type == 1 and unit.build_progress == 1:
                seen[unit.unit_type] = unit
    return seen


def _type(unit: data_pb2.UnitTypeData, seen: object) -> dict[str, object]:
    is_structure = data_pb2.Structure in unit.attributes
    weapon = unit.weapons[0] if unit.weapons else None
    radius = getattr(seen, "radius", 1.8125 if is_structure else 0.5)
    return {
        "unit_type_id": unit.unit_id,
        "name": unit.name,
        "race": unit.race,
        "minerals": unit.mineral_cost,
        "vespene": unit.vespene_cost,
        "supply": _short(unit.food_required),
        "supply_provided": _short(unit.food_provided),
        "build_time": _short(unit.build_time),
        "ability_id": unit.ability_id,
        "attributes": " ".join(map(str, unit.attributes)),
        "movement_speed": _short(unit.movement_speed),
        "armor": _short(unit.armor),
        "sight_range": _short(unit.sight_range),
        "weapon_range": _short(weapon.range) if weapon else "",
        "weapon_damage": _short(weapon.damage) if weapon else "",
        "weapon_speed": _short(weapon.speed) if weapon else "",
        "radius": _short(radius),
        "health": _vital(HEALTH, unit.name) or _short(getattr(seen, "health_max", 0)) or (500 if is_structure else 100),
        "shield": _vital(SHIELD, unit.name),
        "energy": _vital(ENERGY, unit.name),
        "is_flying": int(any(unit.name.startswith(name) for name in FLYING.split())),
    }


def _upgrade(upgrade: data_pb2.UpgradeData) -> dict[str, object]:
    return {
        "upgrade_id": upgrade.upgrade_id,
        "name": upgrade.name,
        "minerals": upgrade.mineral_cost,
        "vespene": upgrade.vespene_cost,
        "research_time": _short(upgrade.research_time),
        "ability_id": upgrade.ability_id,
    }


def _vital(table: str, name: str) -> int:
    """The points of the longest name in the table that begins ``name``: modes share those of their unit."""
    words = table.split()
    points = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    known = sorted((known for known in points if name.startswith(known)), key=len)
    return points[known[-1]] if known else 0


def _short(number: float) -> str:
    return f"{number:.7g}"


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(_sorted(rows))


def _sorted(rows: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    yield from sorted(rows, key=lambda row: str(row["name"]))


if __name__ == "__main__":
    main(sys.argv[1])
