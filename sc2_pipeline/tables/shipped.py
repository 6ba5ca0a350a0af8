"""Tables shipped with the package: what is known of the game independently of replays."""

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
"""Categories of unit types; ``summoned`` units cost nothing themselves, ``dummy`` types are no real units."""

_RECORDED = "ResponseData of the game's API"
_RULES = "known_rules"
_SHOWN = "texts of the game"
_WRITTEN = "game knowledge"


def _era_columns() -> tuple[Column, ...]:
    """Columns that say for which games a row is valid."""
    return (
        Column(
            "from_base_build", pa.int32(), "First base build for which the row holds; NULL for every earlier one too."
        ),
        Column("from_data_build", pa.int32(), "First data build of that base build for which it holds; NULL for all."),
        Column("from_day", pa.date32(), "First day (UTC) on which it holds for that base build; NULL for all."),
        Column("to_base_build", pa.int32(), "First base build for which it no longer holds; NULL for none."),
        Column("to_data_build", pa.int32(), "First data build of that one for which it no longer holds; NULL for all."),
        Column("to_day", pa.date32(), "First day (UTC) on which it no longer holds for that one; NULL for all."),
    )


KNOWN_RULES_TABLE = Table(
    name="known_rules",
    description="Numbers of the game's rules, with the games they hold for; see sc2_pipeline/game_rules.",
    grain="One row per subject, fact, mode and era.",
    key=("subject", "fact", "mode", "from_base_build", "from_data_build", "from_day"),
    columns=(
        Column(
            "subject", pa.string(), "What the fact is about: a unit type, upgrade, ability or the game.", required=True
        ),
        Column("fact", pa.string(), "What of it: build_time, minerals, supply, ability_link ...", required=True),
        Column("value", pa.float64(), "The number; NULL where nobody knows it, or there is none."),
        Column("unit", pa.string(), "What the number counts."),
        Column("mode", pa.string(), "ladder, hots, alpha, beta, coop or a commander; NULL for all."),
        *_era_columns(),
        Column("source", pa.string(), "Where the fact comes from.", required=True),
    ),
)

KNOWN_UNIT_TYPES_TABLE = Table(
    name="known_unit_types",
    description="Unit types of the melee game, as its rules have them at each time.",
    grain="One row per unit type's name and era.",
    key=("unit_type", "from_base_build", "from_data_build", "from_day"),
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
        *_era_columns(),
        Column(
            "minerals",
            pa.int32(),
            "Price of making it, without what it is made of.",
            unit="minerals",
            required=True,
            minimum=0,
            origin=_RULES,
        ),
        Column(
            "vespene",
            pa.int32(),
            "Price of making it, without what it is made of.",
            unit="vespene",
            required=True,
            minimum=0,
            origin=_RULES,
        ),
        Column(
            "minerals_total",
            pa.int32(),
            "Worth of one: its price and that of all it is made of; half a pair of Zerglings.",
            unit="minerals",
            required=True,
            minimum=0,
            origin=_RULES,
        ),
        Column(
            "vespene_total",
            pa.int32(),
            "Worth of one: its price and that of all it is made of.",
            unit="vespene",
            required=True,
            minimum=0,
            origin=_RULES,
        ),
        Column("supply", pa.float32(), "Supply it uses.", unit="supply", required=True, origin=_RULES),
        Column("supply_provided", pa.float32(), "Supply it provides.", unit="supply", required=True, origin=_RULES),
        Column(
            "build_time_game_loops",
            pa.float64(),
            "Time to make it at speed 1, without chrono boost; NULL where it is not made.",
            unit="game loops",
            origin=_RULES,
        ),
        Column(
            "source", pa.string(), "Where what the type is comes from; known_rules has every figure's.", required=True
        ),
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

KNOWN_OPENERS_TABLE = Table(
    name="known_openers",
    description="Conditions of the names that players give to openers and plans; see sc2_pipeline/game_rules/openers.py.",
    grain="One row per name's rule, start workers and condition; a name holds where all conditions of one rule do.",
    key=("rank", "start_workers", "condition_number"),
    columns=(
        Column(
            "level",
            pa.string(),
            "opener: first structures; plan: technology and composition at about 5:00.",
            required=True,
            vocabulary=("opener", "plan"),
        ),
        Column("race", pa.string(), "Whose rule it is.", required=True, vocabulary=("protoss", "terran", "zerg")),
        Column("name", pa.string(), "What players call it.", origin=_WRITTEN, required=True),
        Column("rank", pa.int32(), "Of several rules that hold the first counts.", required=True, minimum=0),
        Column("start_workers", pa.int32(), "Start for which the row holds.", unit="workers", required=True),
        Column("condition_number", pa.int32(), "Which of the rule's conditions, from 0.", required=True, minimum=0),
        Column("by_game_loop", pa.int32(), "When the item must have been begun at the latest; NULL for no limit.", unit="game loops"),
        Column("is_negative", pa.bool_(), "The rest of the condition must not hold.", required=True),
        Column("is_proxy", pa.bool_(), "Only structures near an enemy are counted.", required=True),
        Column("item", pa.string(), "Unit type or upgrade that must have been begun.", required=True),
        Column("nth", pa.int32(), "How many of it.", required=True, minimum=1),
        Column("other_item", pa.string(), "Before what; NULL for nothing."),
        Column("other_nth", pa.int32(), "Before which of these; NULL for nothing."),
    ),
)  # fmt: skip

SHIPPED_TABLES: dict[str, Table] = {
    table.name: table
    for table in (KNOWN_RULES_TABLE, KNOWN_UNIT_TYPES_TABLE, KNOWN_COOP_NAMES_TABLE, KNOWN_OPENERS_TABLE)
}
