"""Makes known_unit_types.csv from a recorded answer of the game (ResponseData) and what the game does not say.

Run it by hand when a newer recording is at hand::

    python -m sc2_pipeline.game_data.generate RECORDING.ResponseData.pb.xz LABEL

Figures come from the recording. What a type is for (category), what it is made of and whether its life runs out by
itself is game knowledge, written down here.
"""

import csv
import lzma
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from sc2_pipeline.game_messages import data_pb2, sc2api_pb2

CSV = Path(__file__).with_name("known_unit_types.csv")

RACES = {0: "neutral", 1: "terran", 2: "zerg", 3: "protoss"}

NEVER_IN_A_REPLAY = re.compile(
    r"Gluescreen|GLUESCREEN|Preview|Missile(?!Turret)|Weapon|Bridge|^Shape[0-9A-Z]|^LoadOutSpray|^DummyUnit|^AutoTest|^Physics|"
    r"^System_|^Stereoscopic|^Ball$|^HelperEmitter|^MultiKillObject|^SNARE_|^TestZerg$|^ScopeTest$|Lance$"
)
"""Projectiles, doodads and menu models: the tracker stream names none of them."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CATEGORIES: dict[str, str] = {
    "worker": "SCV Probe Drone",
    "townhall": "CommandCenter OrbitalCommand PlanetaryFortress Nexus Hatchery Lair Hive",
    "supply": "SupplyDepot SupplyDepotDrop Pylon Overlord OverlordCocoon OverlordTransport TransportOverlordCocoon",
    "gas": "Refinery RefineryRich Assimilator AssimilatorRich Extractor ExtractorRich",
    "production": "Barracks Factory Starport Gateway WarpGate RoboticsFacility Stargate",
    "addon": "TechLab BarracksTechLab FactoryTechLab StarportTechLab Reactor BarracksReactor FactoryReactor "
    "StarportReactor",
    "defence": "MissileTurret Bunker SensorTower PhotonCannon ShieldBattery SpineCrawler SporeCrawler",
    "larva": "Larva Egg",
    "summoned": "MULE Broodling BroodlingEscort LocustMP LocustMPPrecursor InfestorTerran InfestedTerran "
    "InfestedTerransEgg AutoTurret PointDefenseDrone RavenRepairDrone BypassArmorDrone Changeling AdeptPhaseShift "
    "DisruptorPhased KD8Charge D8Charge ForceField OracleStasisTrap CreepTumor NydusCanal NydusCanalAttacker "
    "NydusCanalCreeper Interceptor Nuke ReaperPlaceholder InfestedTerransEggPlacement VoidMPImmortalReviveCorpse",
}
"""Category -> its types (modes follow their base type). Other structures are ``technology``, other units ``army``."""

TIMED = _names(
    "MULE Broodling BroodlingEscort LocustMP LocustMPPrecursor InfestorTerran InfestedTerran AutoTurret "
    "PointDefenseDrone RavenRepairDrone BypassArmorDrone Changeling AdeptPhaseShift DisruptorPhased KD8Charge D8Charge "
    "ForceField OracleStasisTrap InfestedTerransEgg Nuke ReaperPlaceholder InfestedTerransEggPlacement"
)
"""Types that the game removes by itself when their time is up or their work is done."""

MADE_OF = {
    "Lair": "Hatchery",
    "Hive": "Lair",
    "OrbitalCommand": "CommandCenter",
    "PlanetaryFortress": "CommandCenter",
    "GreaterSpire": "Spire",
    "WarpGate": "Gateway",
    "Baneling": "Zergling",
    "Ravager": "Roach",
    "LurkerMP": "Hydralisk",
    "BroodLord": "Corruptor",
    "Overseer": "Overlord",
    "OverlordTransport": "Overlord",
    "GuardianMP": "Mutalisk",
    "DevourerMP": "Mutalisk",
    **dict.fromkeys(
        _names(
            "Hatchery Extractor ExtractorRich SpawningPool EvolutionChamber HydraliskDen Spire UltraliskCavern "
            "InfestationPit NydusNetwork BanelingNest RoachWarren SpineCrawler SporeCrawler LurkerDenMP"
        ),
        "Drone",
    ),
}
"""Type -> the one that turns into it, whose cost the engine's figure includes."""

COCOONS = {
    "BanelingCocoon": "Baneling",
    "RavagerCocoon": "Ravager",
    "LurkerMPEgg": "LurkerMP",
    "BroodLordCocoon": "BroodLord",
    "OverlordCocoon": "Overseer",
    "TransportOverlordCocoon": "OverlordTransport",
    "GuardianCocoonMP": "GuardianMP",
    "DevourerCocoonMP": "DevourerMP",
}
"""Cocoon -> what hatches from it. The engine prices some cocoons at 0, some at the result: all are at the result here."""

CORRECTED_COSTS = {"OverlordTransport": (125, 25)}
"""The engine omits the 25/25 of the morph."""

OWN_TAG_IN_SPITE_OF_ALIAS = frozenset({"AdeptPhaseShift"})
"""Types with a base type in the recording that are units of their own beside it, not modes of it."""

COLUMNS = (
    "unit_type", "base_unit_type", "race", "category", "is_structure", "is_timed", "made_of", "minerals", "vespene",
    "minerals_total", "vespene_total", "supply", "supply_provided", "build_time_game_loops", "recorded_in",
)  # fmt: skip

Row = dict[str, object]


def known_unit_types(response: sc2api_pb2.ResponseData, label: str) -> list[Row]:
    """One row per named unit type of the recording that a replay can hold, in order of names."""
    by_id = {unit.unit_id: unit.name for unit in response.units}
    units = {unit.name: unit for unit in response.units if unit.name and not NEVER_IN_A_REPLAY.search(unit.name)}
    category_of = {name: category for category, names in CATEGORIES.items() for name in names.split()}
    return list(_rows(units, by_id, category_of, label))


def _rows(
    units: dict[str, data_pb2.UnitTypeData], by_id: dict[int, str], category_of: dict[str, str], label: str
) -> Iterator[Row]:
    for name, unit in sorted(units.items()):
        alias = by_id.get(unit.unit_alias, "") if unit.unit_alias else ""
        base = alias if alias in units and name not in OWN_TAG_IN_SPITE_OF_ALIAS else name
        race = RACES[unit.race]
        is_structure = data_pb2.Structure in unit.attributes and race != "neutral"
        result = COCOONS.get(base, base)
        minerals_total, vespene_total = _cost(result, units)
        of = MADE_OF.get(result, "")
        minerals_of, vespene_of = _cost(of, units) if of else (0, 0)
        yield {
            "unit_type": name,
            "base_unit_type": base,
            "race": race,
            "category": category_of.get(base) or _default_category(name, race, is_structure),
            "is_structure": str(is_structure).lower(),
            "is_timed": str(name in TIMED or base in TIMED).lower(),
            "made_of": of,
            "minerals": minerals_total - minerals_of,
            "vespene": vespene_total - vespene_of,
            "minerals_total": minerals_total,
            "vespene_total": vespene_total,
            "supply": f"{unit.food_required:g}",
            "supply_provided": f"{unit.food_provided:g}",
            "build_time_game_loops": f"{unit.build_time:g}" if unit.build_time else "",
            "recorded_in": label,
        }


def _cost(name: str, units: dict[str, data_pb2.UnitTypeData]) -> tuple[int, int]:
    if name not in units:  # A game version without the type.
        return (0, 0)
    return CORRECTED_COSTS.get(name, (units[name].mineral_cost, units[name].vespene_cost))


def _default_category(name: str, race: str, is_structure: bool) -> str:
    if race != "neutral":
        return "technology" if is_structure else "army"
    if name.startswith("Beacon") or name.endswith("Dummy"):
        return "dummy"
    return "resource" if re.search(r"MineralField|Geyser", name) else "neutral"


def main(recording: str, label: str) -> None:
    """Writes the CSV beside this module."""
    response = sc2api_pb2.ResponseData()
    response.ParseFromString(lzma.decompress(Path(recording).read_bytes()))
    with CSV.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(known_unit_types(response, label))


if __name__ == "__main__":
    main(*sys.argv[1:])
