"""Finds a replay by id, file name, a prefix of either, a path to a file, or words about its game."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from sc2_pipeline.browsing.games import GamesAsked, games_statement
from sc2_pipeline.errors import HomeError

if TYPE_CHECKING:
    import duckdb

MAX_NAMED = 8
"""Maximum number of replays listed when a name is ambiguous."""

MIN_ID = 8
"""Digits of an id that are shown of each: enough to tell millions apart as a prefix."""

_FITTING = """
select replay_id, file_name, lower($1) in (lower(replay_id), lower(file_name)) as is_exact
from marts.dim_replays
where starts_with(lower(replay_id), lower($1)) or starts_with(lower(file_name), lower($1))
order by file_name, replay_id
"""


def loaded_replay(connection: "duckdb.DuckDBPyConnection", name: str) -> str:
    """Id of the one loaded replay that ``name`` means; raises HomeError if it means none or several.

    It may be an id, a file name or the beginning of either; a file; or words that all stand in the game's map, players,
    date, matchup or file name.
    """
    rows = connection.execute(_FITTING, [name]).fetchall()
    fitting = [(row[0], row[1]) for row in rows if row[2]] or [(row[0], row[1]) for row in rows]
    if not fitting and (replay_id := _id_of_file(Path(name))):
        known = "select replay_id, file_name from marts.dim_replays where replay_id = ?"
        fitting = connection.execute(known, [replay_id]).fetchall()
    if not fitting and name.split():
        statement, values = games_statement(GamesAsked(search=name), "games.replay_id, games.game")
        fitting = connection.execute(statement, values).fetchall()
    if not fitting:
        raise HomeError(
            f"no replay in the warehouse is called {name} (looked at ids, file names, maps, players and dates); "
            f"see `sc2-pipeline games` for what there is, or `sc2-pipeline status {name}` for what became of a file"
        )
    if len(fitting) > 1:
        named = "; ".join(f"{replay_id[:MIN_ID]}: {words}" for replay_id, words in fitting[:MAX_NAMED])
        more = f"; and {len(fitting) - MAX_NAMED} more" if len(fitting) > MAX_NAMED else ""
        raise HomeError(f"{name} fits {len(fitting)} replays ({named}{more}); give one of these ids, or more words")
    return str(fitting[0][0])


def _id_of_file(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError:
        return None
