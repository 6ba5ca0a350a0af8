"""Raw tables of what people ordered, from the replay's game event stream."""

from typing import Final

import pyarrow as pa

from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE
from sc2_pipeline.tables.declaration import Column, Table, identity_columns

TARGET_KINDS: Final = ("none", "point", "unit", "value")

_USER = "The person's number in the lobby; observers have one too."
_PLAYER = "The player that the person controls, for both partners of an archon the same; NULL for observers."

COMMANDS_TABLE = Table(
    name="commands",
    description="Every order that people gave, repetitions spelt out; only with --commands.",
    grain="One row per replay and command.",
    key=("event_index",),
    parts=("streams",),
    stays_in_parquet=True,
    columns=(
        *identity_columns(),
        Column(
            "event_index",
            pa.int32(),
            "Place in the game event stream, from 0, all kinds of events counted.",
            required=True,
            minimum=0,
        ),
        Column("game_loop", pa.int32(), "When it was given.", unit="game loops", required=True, minimum=0),
        Column("user_id", pa.int16(), _USER, required=True, minimum=0),
        Column("player_id", pa.int16(), _PLAYER, minimum=0, maximum=16),
        Column("ability_link", pa.int32(), "Ability's number in that build's data; NULL for a right click.", minimum=0),
        Column("ability_index", pa.int16(), "Which of the ability's commands.", minimum=0),
        Column("target_kind", pa.string(), "What it aims at.", required=True, vocabulary=TARGET_KINDS),
        Column("target_unit_tag", pa.int64(), "The unit it aims at; 0 for one remembered under the fog.", minimum=0),
        Column("target_type_link", pa.int32(), "That unit's type, a number in that build's data.", minimum=0),
        Column("x", pa.float32(), "The point or the target's place, from the left edge.", unit="map cells"),
        Column("y", pa.float32(), "The point or the target's place, from the lower edge.", unit="map cells"),
        Column("is_queued", pa.bool_(), "Given with shift: put behind earlier orders.", required=True),
        Column("is_repeat", pa.bool_(), "The last command again; the stream says no more than that.", required=True),
        Column("flags", pa.int64(), "The stream's own flags, bit by bit.", required=True),
        Column(
            "unit_count", pa.int16(), "Units selected for it; NULL where the stream does not let us know.", minimum=0
        ),
        Column(
            "unit_tags", pa.list_(pa.int64()), "The units selected for it; NULL where the stream does not let us know."
        ),
    ),
)

USER_MINUTES_TABLE = Table(
    name="user_minutes",
    description="How busy people were: commands and camera moves a minute; only with --commands.",
    grain="One row per replay, person and minute of game time in which the person did something.",
    key=("user_id", "game_minute"),
    parts=("streams",),
    columns=(
        *identity_columns(),
        Column("user_id", pa.int16(), _USER, required=True, minimum=0),
        Column("player_id", pa.int16(), _PLAYER, minimum=0, maximum=16),
        Column(
            "game_minute",
            pa.int32(),
            f"Minute of game time, {GAME_LOOPS_PER_MINUTE} game loops each, from 0.",
            required=True,
            minimum=0,
        ),
        Column("command_count", pa.int32(), "Commands, repetitions counted.", required=True, minimum=0),
        Column("camera_update_count", pa.int32(), "Moves of the camera.", required=True, minimum=0),
    ),
)

COMMAND_TABLES = (COMMANDS_TABLE, USER_MINUTES_TABLE)
