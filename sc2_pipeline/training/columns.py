"""The tables of a training set and their columns, described once: names, order, papers."""

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
    ("weight", "DOUBLE", "By which every game counts as one row a grid point."),
    ("game_loop", "INTEGER", "The moment of the row."),
    (
        "economy_age_game_loops",
        "SMALLINT",
        "Since the sample of the statistics; 0 on their own grid. Unit: game loops.",
    ),
    (
        "opponent_row_offset",
        "INTEGER",
        "From this row to the opponent's of the same game loop, in the same shard; NULL where there is none. Unit: rows.",
    ),
)
_LABELS: Final = (
    ("label_is_winner", "BOOLEAN", "Whether the player won the game; NULL where nobody is known to have."),
    ("label_next_fight_is_won", "BOOLEAN", "Whether the player's side wins the next fight; NULL where nobody does."),
    ("label_next_step", "VARCHAR", "The next step of the player's build order, workers left out; NULL after the last."),
    ("label_seconds_to_end", "FLOAT", "Until the game ends. Unit: seconds at Faster."),
)
_SEQUENCES: Final = (
    ("replay_id", "VARCHAR", "The replay."),
    ("player_id", "SMALLINT", "The player."),
    ("row_group", "INTEGER", "The row group of the shard that has the rows, from 0."),
    ("first_row", "BIGINT", "The sequence's first row in the shard of the same name, from 0."),
    ("row_count", "BIGINT", "Rows of the sequence."),
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
        "How a game stood for a player, and what came of it. One row per game, player and point of the grid.",
        (*_PLAIN, _VECTOR, *_LABELS),
    ),
    _relation(
        "sequences", "Where the rows of a game stand, as one player had it. One row per game and player.", _SEQUENCES
    ),
)
"""Tables as papers describe them, types as DuckDB writes them."""
