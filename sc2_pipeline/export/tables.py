"""What of each mart a dataset has: rows of its games, or attributes of what occurs in them, but nothing that is counted
over all games, since training rows would then tell of validation games."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from sc2_pipeline.data_dictionary import DescribedRelation, dictionary
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.export.anonymise import COARSE_TABLES, Anonymity

VIEWS = frozenset(
    {
        "dim_replays",
        "fct_coop_games",
        "fct_unit_counts",
        "games",
        "ml_state_vectors",
        "player_game_summary",
        "players_in_games",
        "replay_statistics",
    }
)
"""Views that are exported like tables. Other views read the lake's files, which a dataset would only copy."""

ALL_ROWS = {"marts.ml_state_vectors": "intermediate.int_state_vectors"}
"""Where a mart holds the default population alone, what holds every game's rows."""

OVER_ALL_GAMES = frozenset({"fct_matchups"})
"""Rates over all games, in a table: in no dataset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """A table that has a row for each thing, and not for each game. ``counted`` are its columns over all games, which
    are left out; ``occurring`` is SQL for the rows that the dataset's games need."""

    counted: frozenset[str]
    occurring: str = "true"


_OF_MAPS = "map_key in (select map_key from dataset_replays)"
_OF_PLAYERS = (
    "player_key in (select player_key from intermediate.int_appearances semi join dataset_replays using (replay_id))"
)
_PLAYED = frozenset({"replay_count", "game_count", "first_played_at", "last_played_at"})

ATTRIBUTES = {
    "dim_map_versions": Attributes(counted=_PLAYED, occurring=_OF_MAPS),
    "dim_maps": Attributes(counted=_PLAYED | {"version_count", "median_duration_seconds"}, occurring=_OF_MAPS),
    "dim_player_names": Attributes(counted=_PLAYED, occurring=_OF_PLAYERS),
    "dim_players": Attributes(counted=_PLAYED | {"win_count", "last_mmr"}, occurring=_OF_PLAYERS),
    "dim_unit_types": Attributes(counted=_PLAYED),
}

OF_PEOPLE = frozenset({"dim_player_names", "dim_players"})
"""Tables of persons over their games, which an unlinkable dataset cannot have."""


def exported_tables(
    connection: duckdb.DuckDBPyConnection, asked: Sequence[str] | None, anonymity: Anonymity
) -> list[DescribedRelation]:
    """The marts to export, with the columns that they keep; all that can be exported for None.

    Raises SettingsError for a table that there is not, or that this dataset cannot have.
    """
    marts = {
        r.name: r for r in dictionary(connection) if r.schema == "marts" and (r.kind == "table" or r.name in VIEWS)
    }
    kept = {name: relation for name, relation in marts.items() if _why_not(name, anonymity) is None}
    for name in asked or ():
        if name not in marts:
            raise SettingsError(f"no table {name} in marts (known: {', '.join(kept)}); give any of these")
        if (reason := _why_not(name, anonymity)) is not None:
            raise SettingsError(f"{name} cannot be exported: {reason} (known: {', '.join(kept)}); give any of these")
    return [_without_counts(kept[name]) for name in (kept if asked is None else asked)]


def _why_not(name: str, anonymity: Anonymity) -> str | None:
    if name in OVER_ALL_GAMES:
        return "it is counted over all games, so that training rows would tell of validation games"
    if anonymity.is_unlinkable and name in OF_PEOPLE:
        return "it links a person's games, which --unlinkable takes apart"
    if anonymity.is_coarse and name not in COARSE_TABLES:
        return "its rows tell maps or lengths, which --coarse takes out"
    return None


def _without_counts(relation: DescribedRelation) -> DescribedRelation:
    attributes = ATTRIBUTES.get(relation.name)
    if attributes is None:
        return relation
    return DescribedRelation(
        schema=relation.schema,
        name=relation.name,
        kind=relation.kind,
        description=relation.description,
        columns=tuple(column for column in relation.columns if column.name not in attributes.counted),
    )
