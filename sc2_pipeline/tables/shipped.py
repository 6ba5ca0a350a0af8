"""The tables that ship with the package: what is known of the game without any replay."""

import pyarrow as pa

from sc2_pipeline.tables.declaration import Column, Table

UNIT_CATEGORIES = (
    "worker",
    "army",
    "townhall",
    "supply",
    "gas",
    "production",
    "addon",
    "technology",
    "defence",
    "larva",
    "summoned",
    "resource",
    "neutral",
    "dummy",
)
"""What a unit type is for; ``summoned`` costs nothing by itself, ``dummy`` is no thing on the field."""

_RECORDED = "ResponseData of the game's API"
_SHOWN = "texts of the game"
_WRITTEN = "game knowledge, written down in game_data/generate.py"

KNOWN_UNIT_TYPES_TABLE = Table(
    name="known_unit_types",
    description="Unit types of the melee game, as the latest recorded client gives them.",
    grain="One row per unit type's name.",
    key=("unit_type",),
    columns=(
        Column("unit_type", pa.string(), "Name, as replays spell it.", origin=_RECORDED, required=True),
        Column(
            "base_unit_type",
            pa.string(),
            "The type without its mode: SiegeTank for SiegeTankSieged; itself where it has none.",
            origin=f"{_RECORDED}, unit_alias",
            required=True,
        ),
        Column(
            "race",
            pa.string(),
            "terran, zerg, protoss or neutral.",
            required=True,
            vocabulary=("terran", "zerg", "protoss", "neutral"),
            origin=_RECORDED,
        ),
        Column("category", pa.string(), "What it is for.", required=True, vocabulary=UNIT_CATEGORIES, origin=_WRITTEN),
        Column("is_structure", pa.bool_(), "A player's structure.", origin=f"{_RECORDED}, attributes", required=True),
        Column("is_timed", pa.bool_(), "The game removes it when its time is up.", origin=_WRITTEN, required=True),
        Column("made_of", pa.string(), "The type that turns into it; NULL for none.", origin=_WRITTEN),
        Column(
            "minerals",
            pa.int32(),
            "Price of making it, without what it is made of.",
            unit="minerals",
            required=True,
            minimum=0,
            origin=_RECORDED,
        ),
        Column(
            "vespene",
            pa.int32(),
            "Price of making it, without what it is made of.",
            unit="vespene",
            required=True,
            minimum=0,
            origin=_RECORDED,
        ),
        Column(
            "minerals_total",
            pa.int32(),
            "Worth of one: its price and that of all it is made of; half a pair of Zerglings.",
            unit="minerals",
            required=True,
            minimum=0,
            origin=f"{_RECORDED}, mineral_cost",
        ),
        Column(
            "vespene_total",
            pa.int32(),
            "Worth of one: its price and that of all it is made of.",
            unit="vespene",
            required=True,
            minimum=0,
            origin=f"{_RECORDED}, vespene_cost",
        ),
        Column("supply", pa.float32(), "Supply it uses.", unit="supply", required=True, origin=_RECORDED),
        Column("supply_provided", pa.float32(), "Supply it provides.", unit="supply", required=True, origin=_RECORDED),
        Column(
            "build_time_game_loops",
            pa.float64(),
            "Time to make it at speed 1, without chrono boost; NULL where it is not made.",
            unit="game loops",
            origin=_RECORDED,
        ),
        Column("recorded_in", pa.string(), "Game version of the recording.", required=True),
    ),
)

KNOWN_COOP_NAMES_TABLE = Table(
    name="known_coop_names",
    description="Names of co-op: masteries and prestiges of each commander, and missions.",
    grain="One row per kind, commander and place.",
    key=("kind", "commander", "place"),
    columns=(
        Column("kind", pa.string(), "What is named.", required=True, vocabulary=("mastery", "prestige", "mission")),
        Column("commander", pa.string(), "Whose it is, as lobbies spell it; NULL for missions."),
        Column(
            "place",
            pa.int64(),
            "Place in the lobby's list of masteries or prestiges, from 0.",
            required=True,
            minimum=0,
        ),
        Column("name", pa.string(), "As the English client shows it.", origin=_SHOWN, required=True),
    ),
)

SHIPPED_TABLES: dict[str, Table] = {table.name: table for table in (KNOWN_UNIT_TYPES_TABLE, KNOWN_COOP_NAMES_TABLE)}
