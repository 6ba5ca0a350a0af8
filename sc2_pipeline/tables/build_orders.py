"""Raw tables of what players made and when they started it, filled by the build-order solver."""

from typing import Final

import pyarrow as pa

from sc2_pipeline.tables.declaration import Column, Table, identity_columns

STEP_KINDS: Final = ("unit", "structure", "upgrade", "morph", "addon", "warp_in", "spawned")
START_METHODS: Final = ("init", "egg", "cocoon", "order", "command", "derived", "bounded", "unknown")
STEP_OUTCOMES: Final = ("done", "cancelled", "destroyed", "unfinished")
MACRO_KINDS: Final = ("inject", "larva", "creep_tumor", "chrono", "mule", "scan", "supply_drop")
KNOWN_BY: Final = ("event", "command")

_LOOPS = "game loops"


def _loop(name: str, description: str, *, required: bool = False) -> Column:
    return Column(name, pa.int32(), description, unit=_LOOPS, required=required, minimum=0)


def _tag(name: str, description: str) -> Column:
    return Column(name, pa.int64(), description, minimum=0)


def _place(whose: str) -> tuple[Column, Column]:
    return (
        Column("x", pa.float32(), f"{whose}, from the left edge of the map.", unit="map cells"),
        Column("y", pa.float32(), f"{whose}, from the lower edge of the map.", unit="map cells"),
    )


BUILD_STEPS_TABLE = Table(
    name="build_steps",
    description="What each player made or began to make, with when it was begun and how exactly that is known.",
    grain="One row per replay and step; two Zerglings of one egg are one step.",
    key=("step_index",),
    parts=("solved",),
    is_derived=True,
    columns=(
        *identity_columns(),
        Column(
            "step_index", pa.int32(), "Place in the replay's steps: by player, then by start.", required=True, minimum=0
        ),
        Column("player_id", pa.int16(), "Who made it.", required=True, minimum=0, maximum=16),
        Column(
            "kind",
            pa.string(),
            "What was made; spawned: what nobody pays for (MULEs, interceptors, broodlings, creep tumours, hallucinations).",
            required=True,
            vocabulary=STEP_KINDS,
        ),
        Column(
            "item",
            pa.string(),
            "Unit type or upgrade, as events name it; NULL for an egg that never hatched and of which no order tells.",
        ),
        Column(
            "display_name",
            pa.string(),
            "Name as players see it; the item's own cut into words where unknown.",
            required=True,
        ),
        Column(
            "unit_count", pa.int16(), "Units that came out: 2 for Zerglings.", unit="units", required=True, minimum=1
        ),
        Column(
            "outcome",
            pa.string(),
            "What became of it; destroyed: killed by somebody before it was done; unfinished: the recording ended first.",
            required=True,
            vocabulary=STEP_OUTCOMES,
        ),
        Column(
            "start_method",
            pa.string(),
            "How the start is known, best first: an event (init, egg, cocoon), the game's own orders (order), a command to that "
            "building or its queue (command), finish less build time (derived), limits only (bounded), not at all (unknown).",
            required=True,
            vocabulary=START_METHODS,
        ),
        _loop("started_game_loop", "When it was begun; of a bounded start the earliest possible; NULL when unknown."),
        _loop("start_error_game_loops", "By how much the true start may differ; 0 is exact."),
        _loop("earliest_start_game_loop", "Bounded: not begun before."),
        _loop("latest_start_game_loop", "Bounded: not begun later."),
        _loop("finished_game_loop", "When it was done; NULL when it never was."),
        _loop("ended_game_loop", "When a step that was not done ended: cancelled or destroyed."),
        _tag("unit_tag", "What was made; of an egg the first that hatched; NULL for upgrades."),
        _tag(
            "producer_unit_tag",
            "The structure, larva or unit that made it; NULL where unknown, as before base build 55505.",
        ),
        Column("producer_unit_type", pa.string(), "Its type just before it was done."),
        Column("is_worker", pa.bool_(), "An SCV, Probe or Drone.", required=True),
        Column("is_chronoboosted", pa.bool_(), "Chrono Boost saved time on it.", required=True),
        Column(
            "chrono_game_loops_saved",
            pa.int32(),
            "How much longer it would have taken.",
            unit=_LOOPS,
            required=True,
            minimum=0,
        ),
        Column("supply_used", pa.float32(), "Supply in use just before the start.", unit="supply"),
        Column("supply_cap", pa.float32(), "Supply provided just before the start.", unit="supply"),
        *_place("Where what was made appeared"),
        _loop(
            "build_game_loops",
            "Table value: how long the item takes under the game's rules, not sped up; NULL where nobody knows.",
        ),
        Column("build_time_origin", pa.string(), "Where the table value comes from."),
    ),
)

MACRO_ACTIONS_TABLE = Table(
    name="macro_actions",
    description="What players did to make more: injects, larvae, creep tumours, Chrono Boost, MULEs, scans, supply drops.",
    grain="One row per replay and action.",
    key=("action_index",),
    parts=("solved",),
    is_derived=True,
    columns=(
        *identity_columns(),
        Column(
            "action_index",
            pa.int32(),
            "Place in the replay's actions: by player, then by time.",
            required=True,
            minimum=0,
        ),
        _loop("game_loop", "The event's, or the command's: a caster that has to walk acts later.", required=True),
        Column("player_id", pa.int16(), "Who did it.", required=True, minimum=0, maximum=16),
        Column("kind", pa.string(), "What was done; larva: one appeared.", required=True, vocabulary=MACRO_KINDS),
        Column(
            "known_by",
            pa.string(),
            "event: it happened; command: it was ordered, and may have been in vain (Chrono Boost only as energy allows).",
            required=True,
            vocabulary=KNOWN_BY,
        ),
        _tag("caster_unit_tag", "The unit that did it; NULL where several were selected or none is known."),
        _tag("target_unit_tag", "Structure or unit it was aimed at; for a MULE and a creep tumour, that itself."),
        Column("target_unit_type", pa.string(), "Its type at that moment."),
        *_place("Where it was aimed"),
    ),
)

BUILD_ORDER_TABLES = (BUILD_STEPS_TABLE, MACRO_ACTIONS_TABLE)
