"""Raw tables that a worker computes over a whole pass: a few thousand rows where snapshots have a million."""

import pyarrow as pa

from sc2_pipeline.tables.declaration import Column, Table
from sc2_pipeline.tables.engine_columns import UNITS, from_api, observed_columns

SIGHTS = ("first", "change", "last")

_F32 = pa.float32()


def _at_that_moment(name: str, kind: pa.DataType, description: str, unit: str | None = None) -> Column:
    return Column(name, kind, description, unit=unit, origin=from_api(f"{UNITS}.{name}"))


def _unit_tag(description: str) -> Column:
    origin = from_api(f"low half of {UNITS}.tag")
    return Column("unit_tag", pa.int64(), description, origin=origin, required=True, minimum=0)


UNIT_CHANGES_TABLE = Table(
    name="unit_changes",
    description="Every unit of unit_snapshots when it was first seen, whenever it had another type or owner than at the "
    "observation before or was complete for the first time, and when it was last seen. One pass after the other: a unit "
    "that changes sides has a first and a last sight in the passes of both.",
    grain="One row per replay, observed player, unit and sight that differs from the one before; one for the last.",
    key=("pass_player_id", "game_loop", "unit_tag", "sight"),
    parts=("observation",),
    columns=(
        *observed_columns(),
        _unit_tag("The unit, by the tag that tracker events use."),
        Column("sight", pa.string(), "Which sight of the unit it is.", required=True, vocabulary=SIGHTS),
        Column(
            "previous_game_loop",
            pa.int32(),
            "The observation before: what is new happened after it. NULL at the first.",
            unit="game loops",
            minimum=0,
        ),
        Column("player_id", pa.int16(), "Whose unit; 16 is neutral.", origin=f"sc2 {UNITS}.owner", maximum=16),
        Column(
            "unit_type",
            pa.string(),
            "Type at that moment; NULL where the game's data has no name.",
            origin=from_api(f"name of {UNITS}.unit_type"),
        ),
        _at_that_moment("x", _F32, "Where it is.", "map cells"),
        _at_that_moment("y", _F32, "Where it is.", "map cells"),
        _at_that_moment("build_progress", _F32, "Share of it that is built; 1 when done."),
        _at_that_moment("health", _F32, "Health left.", "hit points"),
        _at_that_moment("health_max", _F32, "Health when whole.", "hit points"),
        _at_that_moment("is_hallucination", pa.bool_(), "It is an illusion."),
        Column(
            "is_inside", pa.bool_(), "Last sight: it was inside another unit.", origin=from_api(f"{UNITS}.passengers")
        ),
    ),
)

UNIT_ATTACKERS_TABLE = Table(
    name="unit_attackers",
    description="The unit of the observed player that attacked another last, for every unit that one attacked.",
    grain="One row per replay, observed player and unit attacked.",
    key=("pass_player_id", "unit_tag"),
    parts=("observation",),
    columns=(
        *observed_columns(),
        _unit_tag("The unit attacked, by the tag that tracker events use."),
        Column(
            "attacker_unit_tag",
            pa.int64(),
            "Who attacked it at that observation; of several the one listed first.",
            origin=from_api(f"{UNITS}.engaged_target_tag"),
            required=True,
            minimum=0,
        ),
    ),
)

PLAYER_RESULTS_TABLE = Table(
    name="player_results",
    description="How the game says that each player fared, at the end of the pass that observed the player.",
    grain="One row per replay, observed player and player with a result.",
    key=("pass_player_id", "player_id"),
    parts=("observation",),
    columns=(
        *observed_columns(),
        Column("player_id", pa.int16(), "The player.", required=True, minimum=0, maximum=16),
        Column("result", pa.string(), "victory, defeat, tie or undecided.", origin=from_api("player_result.result")),
    ),
)

ENGINE_SUMMARY_TABLES = (UNIT_CHANGES_TABLE, UNIT_ATTACKERS_TABLE, PLAYER_RESULTS_TABLE)
