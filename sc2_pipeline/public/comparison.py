"""Two players, or two games, beside one another."""

from typing import Any

import duckdb

from sc2_pipeline.browsing.compare import FIGURES, game_figures, meetings, player_means
from sc2_pipeline.browsing.records import Record
from sc2_pipeline.errors import HomeError
from sc2_pipeline.population import Population
from sc2_pipeline.public.named_replay import loaded_replay

MAX_NAMED = 8

_NAMED = """
select player_key, name from marts.dim_players
where lower(player_key) = lower($1) or list_contains(list_transform(names_seen, lambda name: lower(name)), lower($1))
order by game_count desc, player_key
"""


def comparison(connection: duckdb.DuckDBPyConnection, one: str, other: str, population: Population) -> Record:
    """``compared``: figures by name of two players over the games of ``population``, or of each player of two games.

    Of two players also ``asked``, which games these are, and ``meetings``, their games against one another. Raises HomeError
    for an unknown or ambiguous name.
    """
    keys = [key for name in (one, other) if (key := _player_key(connection, name))]
    if len(keys) == 2:
        compared = [
            (name, player_means(connection, key, population)) for name, key in zip((one, other), keys, strict=True)
        ]
        about = {"asked": population.line(connection), "meetings": meetings(connection, *keys)}
    else:
        about = {}
        compared = [
            (f"{row['name']} ({replay_id[:6]})", row)
            for replay_id in [loaded_replay(connection, name) for name in (one, other)]
            for row in game_figures(connection, replay_id)
        ]
    if not compared:
        raise HomeError(
            f"neither {one} nor {other} is the canonical file of its game; see is_canonical in marts.dim_replays"
        )
    return {"compared": [{"name": name, "figures": _titled(row)} for name, row in compared], **about}


def _player_key(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """The account of that name; None if there is none, HomeError if there are several."""
    rows = connection.execute(_NAMED, [name]).fetchall()
    if len(rows) > 1:
        named = ", ".join(f"{key} {shown_name}" for key, shown_name in rows[:MAX_NAMED])
        raise HomeError(f"{name} is the name of {len(rows)} accounts ({named}); give the account")
    return str(rows[0][0]) if rows else None


def _titled(row: dict[str, Any]) -> dict[str, float | None]:
    """Figures by their titles, after the numbers of games where there are several."""
    return (
        {name: row[name] for name in ("games", "won") if name in row}
        | ({} if "games" in row else {"won": None if row["is_winner"] is None else int(row["is_winner"])})
        | {title: row[name] for name, (title, _, _) in FIGURES.items()}
    )
