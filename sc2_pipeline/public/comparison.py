"""Two players, or two games, beside one another."""

import duckdb

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

# Columns to compare, for the rows of a mart that a condition selects.
_FIGURES = """
select unnest(['games', 'won', 'MMR', 'APM', 'spending quotient', 'bank, mean', 'income a minute', 'workers at 5:00, speed Faster',
        'blocked, seconds a minute', 'units lost', 'workers lost', 'units killed', 'minutes, speed Faster']) as figure,
    unnest([count(*), count(*) filter (is_winner), round(avg(mmr)), round(avg(apm)), round(avg(spending_quotient), 1),
        round(avg(average_unspent)), round(avg(average_income)), round(avg(workers_at_5_minutes), 1),
        round(avg(supply_blocked_seconds / nullif(duration_seconds / 60, 0)), 1), round(avg(units_lost), 1),
        round(avg(workers_lost), 1), round(avg(units_killed), 1), round(avg(duration_seconds) / 60, 1)]) as value
from marts.{mart} where {condition}
"""


def comparison(connection: duckdb.DuckDBPyConnection, one: str, other: str, population: Population) -> Record:
    """``compared``: figures by name of two players over the games of ``population``, or of each player of two games.

    Of two players also ``asked``, which games these are, and ``meetings``, their games against one another. Raises HomeError
    for an unknown or ambiguous name.
    """
    keys = [_player_key(connection, name) for name in (one, other)]
    if not all(keys):
        return {"compared": _players_of_games(connection, one, other)}
    condition = "player_key = ? and replay_id in (select replay_id from asked_games)"
    query = population.statement(_FIGURES.format(mart="players_in_games", condition=condition))
    return {
        "asked": population.line(connection),
        "compared": [
            {"name": name, "figures": _figures(connection, query, key)}
            for name, key in zip((one, other), keys, strict=True)
        ],
        "meetings": _meetings(connection, *keys),
    }


def _players_of_games(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> list[Record]:
    query = _FIGURES.format(mart="player_game_summary", condition="replay_id = ? and player_id = ?")
    compared = []
    for replay_id in [loaded_replay(connection, name) for name in (one, other)]:
        for player_id, name in connection.execute(
            "select player_id, name from marts.player_game_summary where replay_id = ? order by player_id", [replay_id]
        ).fetchall():
            figures = _figures(connection, query, replay_id, player_id)
            del figures["games"]
            compared.append({"name": f"{name} ({replay_id[:6]})", "figures": figures})
    if not compared:
        raise HomeError(
            f"neither {one} nor {other} is the canonical file of its game; see is_canonical in marts.dim_replays"
        )
    return compared


def _player_key(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """The account of that name; None if there is none, HomeError if there are several."""
    rows = connection.execute(_NAMED, [name]).fetchall()
    if len(rows) > 1:
        named = ", ".join(f"{key} {shown_name}" for key, shown_name in rows[:MAX_NAMED])
        raise HomeError(f"{name} is the name of {len(rows)} accounts ({named}); give the account")
    return str(rows[0][0]) if rows else None


def _figures(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> dict[str, float | None]:
    return dict(connection.execute(query, list(values)).fetchall())


def _meetings(connection: duckdb.DuckDBPyConnection, one: str | None, other: str | None) -> dict[str, int]:
    """Games of two accounts against one another: how many, and how many each has won."""
    [(games, wins, losses)] = connection.execute(
        "select count(*), count(*) filter (is_winner), count(*) filter (not is_winner)"
        " from marts.players_in_games where player_key = ? and opponent_player_key = ?",
        [one, other],
    ).fetchall()
    return {"games": games, "won_by_first": wins, "won_by_second": losses}
