"""Finds a replay by id, file name, a prefix of either, or a path to a file."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from sc2_pipeline.errors import HomeError

if TYPE_CHECKING:
    import duckdb

MAX_NAMED = 8
"""Maximum number of replays listed when a name is ambiguous."""

_FITTING = """
select replay_id, file_name, map_name, lower($1) in (lower(replay_id), lower(file_name)) as is_exact
from marts.dim_replays
where starts_with(lower(replay_id), lower($1)) or starts_with(lower(file_name), lower($1))
order by file_name, replay_id
"""


def loaded_replay(connection: "duckdb.DuckDBPyConnection", name: str) -> str:
    """Id of the one loaded replay that ``name`` matches; raises HomeError if it matches none or several."""
    rows = connection.execute(_FITTING, [name]).fetchall()
    fitting = [row for row in rows if row[3]] or rows
    if not fitting and (replay_id := _id_of_file(Path(name))):
        fitting = connection.execute(
            "select replay_id, file_name from marts.dim_replays where replay_id = ?", [replay_id]
        ).fetchall()
    if not fitting:
        raise HomeError(
            f"no replay in the warehouse is called {name} (looked at ids and file names); "
            f"give the beginning of one, or see `sc2-pipeline status {name}` for what became of it"
        )
    if len(fitting) > 1:
        named = ", ".join(f"{row[0]} {row[1]}" for row in fitting[:MAX_NAMED])
        more = f" and {len(fitting) - MAX_NAMED} more" if len(fitting) > MAX_NAMED else ""
        raise HomeError(f"{name} fits {len(fitting)} replays ({named}{more}); give more of the name")
    return str(fitting[0][0])


def _id_of_file(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError:
        return None
