"""Declares the tables of a training set: the names, order, types and descriptions of their columns."""

from typing import Final

from sc2_pipeline.data_dictionary import DescribedColumn, DescribedRelation
from sc2_pipeline.training.elements import elements

_PLAIN: Final = (
    ("game_key", "VARCHAR", "The game; see games of the datasets."),
    ("replay_id", "VARCHAR", "The replay that stands for it."),
    ("player_id", "SMALLINT", "Whose row it is."),
    ("split", "VARCHAR", "train, validation or test."),
    ("map_key", "VARCHAR", "The map: a family of versions."),
    ("patch", "VARCHAR", "As 5.0.14."),
    ("game_mode", "VARCHAR", "1v1, 2v2, archon, ..."),
    ("has_ai", "BOOLEAN", "Whether the computer or a bot plays."),
    ("matchup", "VARCHAR", "Races of the game, as PvT."),
    ("race_actual", "VARCHAR", "The player's race."),
    ("opponent_race_actual", "VARCHAR", "The opponent's race; NULL but in one against one."),
    ("mmr", "INTEGER", "The player's rating; NULL where unknown. Unit: MMR."),
    ("opponent_mmr", "INTEGER", "The opponent's rating; NULL where unknown. Unit: MMR."),
    (
        "weight",
        "DOUBLE",
        "1 divided by the number of people in the game, so that every game counts the same at each game loop.",
    ),
    ("game_loop", "INTEGER", "The moment of the row."),
    (
        "economy_age_game_loops",
        "SMALLINT",
        "Age of the statistics: game loops since they were sampled; 0 every 160 game loops. Unit: game loops.",
    ),
    (
        "opponent_row_offset",
        "INTEGER",
        "From this row to the opponent's of the same game loop, in the same shard; NULL where there is none. Unit: rows.",
    ),
)
_LABELS: Final = (
    ("label_is_winner", "BOOLEAN", "Whether the player won the game; NULL where nobody is known to have."),
    (
        "label_next_fight_is_won",
        "BOOLEAN",
        "Whether the player's side wins the next fight; NULL if neither side does, or there is none.",
    ),
    (
        "label_next_step",
        "VARCHAR",
        "The next step of the player's build order that is not a worker; NULL after the last.",
    ),
    ("label_seconds_to_end", "FLOAT", "Until the game ends. Unit: seconds at Faster."),
)
_SEQUENCES: Final = (
    ("replay_id", "VARCHAR", "The replay."),
    ("player_id", "SMALLINT", "The player."),
    ("row_group", "INTEGER", "The row group of the shard that has the rows, from 0."),
    ("first_row", "BIGINT", "The sequence's first row in the shard of the same name, from 0."),
    ("row_count", "BIGINT", "Rows of the sequence."),
)

_GAME: Final = _PLAIN[:4]
_UNITS: Final = (
    ("unit_tags", "unit_tag", "BIGINT[]", "The units; NULL for a remembered one."),
    ("unit_type_ids", "unit_type_id", "INTEGER[]", "Their types, as the game numbers them."),
    ("owner_player_ids", "player_id", "SMALLINT[]", "Their owners."),
    ("x", "x", "FLOAT[]", "Unit: map cells."),
    ("y", "y", "FLOAT[]", "Unit: map cells."),
    ("facing", "facing", "FLOAT[]", "Unit: radians."),
    ("build_progress", "build_progress", "FLOAT[]", "1 where it is finished."),
    ("health", "health", "FLOAT[]", "Unit: hit points."),
    ("health_max", "health_max", "FLOAT[]", "Unit: hit points."),
    ("shield", "shield", "FLOAT[]", "Unit: hit points."),
    ("energy", "energy", "FLOAT[]", "Unit: energy."),
    ("are_flying", "is_flying", "BOOLEAN[]", "Whether each flies."),
    ("are_burrowed", "is_burrowed", "BOOLEAN[]", "Whether each is burrowed."),
    ("are_hallucinations", "is_hallucination", "BOOLEAN[]", "Whether each is a hallucination."),
    ("weapon_cooldowns", "weapon_cooldown", "FLOAT[]", "Until each may fire again. Unit: game loops."),
)
_UNIT_SETS: Final = (
    ("is_fogged", "BOOLEAN", "Whether the pass saw only what its player saw."),
    ("game_loop", "INTEGER", "When it was observed."),
    *((name, kind, text) for name, _, kind, text in _UNITS),
)
_ACTIONS: Final = (
    ("game_loop", "INTEGER", "When the command was given."),
    ("observed_game_loop", "INTEGER", "The player's last observation before it; NULL where there is none."),
    ("action_index", "INTEGER", "Its place among the actions of the observation that told of it."),
    ("kind", "VARCHAR", "As raw.unit_command."),
    ("ability_id", "INTEGER", "The ability, as the game numbers it."),
    ("ability", "VARCHAR", "Its name."),
    ("is_queued", "BOOLEAN", "Whether it waits for earlier orders."),
    ("unit_tags", "BIGINT[]", "Who is told."),
    ("target_unit_tag", "BIGINT", "The unit aimed at; NULL for none."),
    ("target_x", "FLOAT", "The point aimed at; NULL for none. Unit: map cells."),
    ("target_y", "FLOAT", "The point aimed at; NULL for none. Unit: map cells."),
    ("result", "VARCHAR", "Why the game refused it; NULL where it did not."),
)

UNIT_LISTS: Final = {name: source for name, source, _, _ in _UNITS}
"""The list columns of ``unit_sets``, each with the column of ``marts.fct_unit_snapshots`` that its elements come from."""

LAYERS: Final = ("pathing_grid", "terrain_height", "placement_grid")
"""Layers of a map; ``map_layer`` makes an array of one."""

_MAPS: Final = (
    ("map_key", "VARCHAR", "The map."),
    ("map_width", "INTEGER", "Unit: map cells."),
    ("map_height", "INTEGER", "Unit: map cells."),
    *(
        column
        for layer in LAYERS
        for column in (
            (f"{layer}_bits_per_pixel", "SMALLINT", "1 or 8."),
            (f"{layer}_width", "SMALLINT", "Unit: pixels."),
            (f"{layer}_height", "SMALLINT", "Unit: pixels."),
            (f"{layer}_pixels", "BLOB", "Row by row, as the game gives it; map_layer makes an array of it."),
        )
    ),
)

PLAIN: Final = tuple(name for name, _, _ in _PLAIN)
"""Columns beside the vector."""

LABELS: Final = tuple(name for name, _, _ in _LABELS)
"""What may be predicted; never part of the vector."""

NAMES: Final = (*PLAIN, "features", *LABELS)
"""All columns in order."""

_VECTOR: Final = ("features", f"FLOAT[{len(elements())}]", "The vector; schema.json names its elements.")


def _relation(name: str, description: str, columns: tuple[tuple[str, str, str], ...]) -> DescribedRelation:
    described = tuple(DescribedColumn(name=column, type=kind, description=text) for column, kind, text in columns)
    return DescribedRelation(schema="", name=name, kind="table", description=description, columns=described)


RELATIONS: Final = (
    _relation(
        "data",
        "State of a game for one player, and what happened later. One row per game, player and sampled game loop.",
        (*_PLAIN, _VECTOR, *_LABELS),
    ),
    _relation(
        "sequences", "Which rows of `data` belong to one player's game. One row per game and player.", _SEQUENCES
    ),
    _relation(
        "unit_sets",
        "All units that a player's pass through the game showed at one observation, as lists of equal length, sorted by owner and unit. One "
        "row per game, player and observation.",
        (*_GAME, *_UNIT_SETS),
    ),
    _relation(
        "actions",
        "Actions with their targets, of replays that were run through the game. One row per game, player and action.",
        (*_GAME, *_ACTIONS),
    ),
    _relation(
        "maps", "Map layers as the game loads them, for replays that were run through it. One row per map.", _MAPS
    ),
)
"""The tables as the card, dictionary and Croissant file describe them, with DuckDB's names of types."""
