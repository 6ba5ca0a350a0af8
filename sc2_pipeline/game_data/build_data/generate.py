"""Makes this package's tables from what others found out, and from recorded answers of the game.

Run it by hand, with spawningtool and sc2reader installed::

    python -m sc2_pipeline.game_data.build_data.generate RECORDING.ResponseData.pb.xz

* names, makers and co-op times: spawningtool 3.0.0 (MIT, Kevin Leung), ladder ones in seconds of 22.4 game loops,
  others in game loops of 16 a second
* ladder times in game loops: the recording, where it names the item; else spawningtool's seconds, rounded to the 16
  game loops (one second of speed Normal) in which the game's data are written
* changes of ladder times: HISTORY below
* numbers of abilities: sc2reader 1.9.0 (MIT, Graylin Kim and others)
"""

import csv
import lzma
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from sc2_pipeline.game_messages import sc2api_pb2

FOLDER = Path(__file__).parent

ITEM_COLUMNS = ("rules", "item", "kind", "race", "display_name", "made_by", "is_morph", "game_loops", "since_version",
                "since_date", "origin")  # fmt: skip
ABILITY_COLUMNS = ("ability", "since_build", "link")

KINDS = {"Unit": "unit", "Building": "structure", "Upgrade": "upgrade"}

RECORDED = "ResponseData recorded by python-sc2 (MIT), 5.0.11"

# Item: its times in game loops, oldest first, each with the version (and day, where a change came without one) that
# brought it. From spawningtool's BUILD_TIME_CHANGES, which has them from Blizzard's patch notes; in game loops here,
# and corrected where births in replays say otherwise: Oracles 799 game loops apart in a queue of 3.16 and 4.0, Adepts
# 728 apart in 5.0.16b, Archons 192 after their merge, Motherships of 5.0.15 and 5.0.16 born just 2000 game loops of work after their command.
HISTORY: dict[str, list[tuple[float, str, str]]] = {
    "BansheeSpeed": [(2080, "", ""), (2720, "3.8.0", ""), (2240, "5.0.11", ""), (1760, "5.0.15", "")],
    "Oracle": [(800, "", ""), (832, "4.1.1", "2017-12-18")],
    "WidowMine": [(640, "", ""), (480, "4.1.1", "2017-12-18")],
    "Carrier": [(1920, "", ""), (1440, "4.7.1", "")],
    "DarkTemplarBlinkUpgrade": [(2720, "", ""), (2240, "4.7.1", "")],
    "Adept": [(608, "", ""), (672, "4.8.2", ""), (729, "5.0.16", "2026-06-30")],
    "BattlecruiserEnableSpecializations": [(960, "", ""), (2240, "4.8.2", "")],
    "CycloneLockOnDamageUpgrade": [(1760, "", ""), (2240, "4.8.2", "")],
    "WarpGateResearch": [(2560, "", ""), (2240, "4.8.2", "")],
    "Stimpack": [(2720, "", ""), (2240, "4.8.4", "2019-08-21")],
    "DiggingClaws": [(1200, "", ""), (1280, "4.11.0", "")],
    "VoidRay": [(960, "", ""), (832, "5.0.2", ""), (963.2, "5.0.9", "")],
    "Raven": [(960, "", ""), (768, "5.0.11", "")],
    "Sentry": [(592, "", ""), (512, "5.0.11", "")],
    "CentrificalHooks": [(1760, "", ""), (1600, "5.0.12", "")],
    "EvolveGroovedSpines": [(1600, "", ""), (1120, "5.0.12", "")],
    "EvolveMuscularAugments": [(1600, "", ""), (1440, "5.0.12", "")],
    "Mothership": [(2560, "", ""), (2000, "5.0.12", "")],
    "Observer": [(480, "", ""), (400, "5.0.13", "")],
    "Stalker": [(672, "", ""), (608, "5.0.14", "")],
    "HighTemplar": [(880, "", ""), (960, "5.0.16", ""), (896, "5.0.16", "2026-06-30")],
    "DarkTemplar": [(880, "", ""), (960, "5.0.16", ""), (896, "5.0.16", "2026-06-30")],
    "Archon": [(192, "", "")],
    "Reaper": [(720, "", ""), (761.6, "5.0.16", "2026-06-30")],
    **{
        f"Protoss{what}Level{level}": [(old, "", ""), (longer, "4.8.4", "2019-03-25"), (now, "5.0.11", "")]
        for what in ("GroundWeapons", "GroundArmors", "Shields")
        for level, old, longer, now in ((1, 2560, 2880, 2720), (2, 3040, 3440, 3240), (3, 3520, 4000, 3760))
    },
    **{
        f"ProtossAir{what}Level{level}": [(old, "", ""), (longer, "4.8.4", "2019-03-25")]
        for what in ("Weapons", "Armors")
        for level, old, longer in ((1, 2560, 2880), (2, 3040, 3440), (3, 3520, 4000))
    },
}

NAMED_OTHERWISE = {"HellionTank": ("BattleHellion", "Hellbat"), "VikingFighter": ("VikingFighter", "Viking")}
"""Type in tracker events: spawningtool's entry for it, and the name that players see."""

HOTS_NAMED_OTHERWISE = {"HellionTank": ("BattleHellion", "Hellbat"), "SwarmHostMP": ("SwarmHost", "Swarm Host")}

MAKERS = {"TemplarArchives": "TemplarArchive"}
"""Structures that spawningtool names otherwise than tracker events do."""

MACRO_ABILITIES = ("TimeWarp", "ChronoBoostEnergyCost", "SpawnLarva", "CalldownMULE", "ScannerSweep", "SupplyDrop")
"""What players do to their economy: the commands that macro actions are read from. TimeWarp is Chrono Boost before 4.0."""

RESEARCHING = ("EngineeringBay", "BarracksTechLab", "FactoryTechLab", "StarportTechLab", "GhostAcademy", "Armory",
               "FusionCore", "Forge", "RoboticsBay", "TemplarArchive", "CyberneticsCore", "TwilightCouncil", "FleetBeacon",
               "EvolutionChamber", "Hatchery", "SpawningPool", "HydraliskDen", "Spire", "RoachWarren", "BanelingNest",
               "InfestationPit", "UltraliskCavern")  # fmt: skip
"""Structures whose research has one number for long spans of builds; those of Dark Shrine and Lurker Den moved with every
patch, in builds that nobody has written down."""

QUEUES = ("que1", "que5", "que5CancelToSelection", "que5Addon", "que5Passive", "que5PassiveCancelToSelection")
"""Abilities whose commands take something out of a queue."""

ABILITIES = (*MACRO_ABILITIES, "LarvaTrain", *(f"{name}Research" for name in RESEARCHING), *QUEUES)

SAME_ABILITY = {"lairresearch": "HatcheryResearch", "hiveresearch": "HatcheryResearch",
                "greaterspireresearch": "SpireResearch", "templararchivesresearch": "TemplarArchiveResearch"}  # fmt: skip
"""Names by which sc2reader calls one ability in some builds, in lower case."""

UNNAMED = {44401: 3, 47185: 7, 53644: 8}
"""Builds for which sc2reader names no research (or some of it not), and by how much every number moved since 23925: so did
all that it does name, and commands in replays of these builds agree."""

BASE_BUILDS = {"HotS": 23925, "LotV": 34784}
"""Builds of sc2reader's packs called base."""


def item_rows(recorded: Mapping[str, float]) -> Iterator[dict[str, object]]:
    """Everything that can be built, under the rules it is built by: ladder, hots, coop or a commander's name."""
    coop = import_module("spawningtool.coop_constants")
    ladder = import_module("spawningtool.lotv_constants")
    hots = import_module("spawningtool.hots_constants")
    renamed = {
        item: ladder.BUILD_DATA[entry] | {"display_name": name} for item, (entry, name) in NAMED_OTHERWISE.items()
    }
    yield from _ladder_rows(ladder.BUILD_DATA | renamed, recorded)
    of_hots = {
        item: hots.BUILD_DATA[entry] | {"display_name": name} for item, (entry, name) in HOTS_NAMED_OTHERWISE.items()
    }
    for item, entry in sorted((hots.BUILD_DATA | of_hots).items()):
        yield _row("hots", item, entry, entry["build_time"])
    shared = {item: entry for item, entry in coop.BUILD_DATA.items() if entry != ladder.BUILD_DATA.get(item)}
    yield from (_row("coop", item, entry, entry["build_time"]) for item, entry in sorted(shared.items()))
    for commander, entries in sorted(coop.COMMANDER_BUILD_DATA.items()):
        for item, entry in sorted(entries.items()):
            if entry != coop.BUILD_DATA.get(item):
                yield _row(commander, item, entry, entry["build_time"])


def _ladder_rows(
    entries: Mapping[str, Mapping[str, Any]], recorded: Mapping[str, float]
) -> Iterator[dict[str, object]]:
    for item, entry in sorted(entries.items()):
        if item in HISTORY:
            for game_loops, version, day in HISTORY[item]:
                row = _row("ladder", item, entry, game_loops)
                yield row | {"since_version": version, "since_date": day, "origin": "patch notes by spawningtool 3.0.0"}
        elif recorded.get(item):
            yield _row("ladder", item, entry, recorded[item]) | {"origin": RECORDED}
        else:
            yield _row("ladder", item, entry, 16 * round(entry["build_time"] / 16))


def _row(rules: str, item: str, entry: Mapping[str, Any], game_loops: float) -> dict[str, object]:
    return {
        "rules": rules,
        "item": item,
        "kind": KINDS[entry.get("type", "Unit")],
        "race": entry.get("race", "").lower(),
        "display_name": entry.get("display_name", item),
        "made_by": " ".join(MAKERS.get(name := maker.replace(" ", ""), name) for maker in entry.get("built_from", [])),
        "is_morph": str(bool(entry.get("is_morph"))).lower(),
        "game_loops": f"{round(game_loops, 3):g}" if game_loops else "",
        "since_version": "",
        "since_date": "",
        "origin": "spawningtool 3.0.0",
    }


SHIFTED_SINCE = {53644: 48645}
"""Build from which sc2reader has new numbers: the build from which commands in replays have them."""


def ability_rows() -> Iterator[dict[str, object]]:
    """The number of each ability, wherever it changes from one build that sc2reader knows to the next."""
    found: dict[str, dict[int, int]] = {name: {} for name in ABILITIES}
    names = {name.lower(): name for name in ABILITIES} | SAME_ABILITY
    for expansion, base in BASE_BUILDS.items():
        for source in files("sc2reader.data").joinpath(expansion).iterdir():
            label, _, kind = source.name.partition("_")
            if kind != "abilities.csv":
                continue
            build = int(label) if label.isdigit() else base
            for number, name in csv.reader(source.read_text(encoding="utf-8").splitlines()):
                ability = names.get(name.lower())
                if ability is not None:
                    found[ability].setdefault(build, int(number))
    for name, links in found.items():
        if name == "LarvaTrain" or name.endswith("Research"):
            links |= {build: links[BASE_BUILDS["HotS"]] + by for build, by in UNNAMED.items() if build not in links}
        last = None
        for build in sorted(links):
            if links[build] != last:
                yield {"ability": name, "since_build": SHIFTED_SINCE.get(build, build), "link": links[build]}
            last = links[build]


def recorded_times(recording: Path) -> dict[str, float]:
    """Build and research times of a ResponseData, in game loops, by name."""
    response = sc2api_pb2.ResponseData()
    response.ParseFromString(lzma.decompress(recording.read_bytes()))
    return {unit.name: unit.build_time for unit in response.units} | {
        upgrade.name: upgrade.research_time for upgrade in response.upgrades
    }


def write(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, object]]) -> None:
    """Replaces one table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    write(FOLDER / "build_items.csv", ITEM_COLUMNS, item_rows(recorded_times(Path(sys.argv[1]))))
    write(FOLDER / "ability_links.csv", ABILITY_COLUMNS, ability_rows())
