"""Lists players, and compares two players or two games."""

import duckdb

from sc2_pipeline.cli.terminal import err, out, print_json, print_lines, print_rows
from sc2_pipeline.errors import HomeError
from sc2_pipeline.population import Population
from sc2_pipeline.public.named_replay import loaded_replay

MAX_NAMED = 8

_PLAYERS = """
select people.name, people.player_key, people.region, count(*), count(*) filter (games.is_winner),
    round(count(*) filter (games.is_winner) / nullif(count(games.is_winner), 0), 2), people.last_mmr,
    string_agg(distinct games.race_actual, ', ' order by games.race_actual), round(avg(games.apm)),
    round(avg(games.spending_quotient), 1)
from marts.dim_players as people
inner join marts.players_in_games as games using (player_key)
inner join asked_games using (replay_id)
where contains(lower(people.name), lower($1)) or contains(lower(people.player_key), lower($1))
    or list_contains(list_transform(people.names_seen, lambda name: lower(name)), lower($1))
group by people.name, people.player_key, people.region, people.last_mmr
order by count(*) desc, people.name, people.player_key
"""
_COLUMNS = ("player", "account", "region", "games", "won", "share", "MMR", "races", "APM", "SQ")
_KEYS = ("name", "player_key", "region", "games", "won", "win_share", "last_mmr", "races", "apm", "spending_quotient")
"""Names of the same columns in JSON."""

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


def print_players(
    connection: duckdb.DuckDBPyConnection, name: str, limit: int, population: Population, *, as_json: bool
) -> None:
    """Prints players of the asked games whose name or account contains ``name``, at most ``limit`` (0: all)."""
    rows = connection.execute(population.statement(_PLAYERS), [name]).fetchall()
    if as_json:
        players = [dict(zip(_KEYS, row, strict=True)) for row in rows[: limit or None]]
        print_json({"asked": population.line(connection), "total": len(rows), "players": players})
        return
    print_lines(err(), [population.line(connection)])
    if not rows:
        said = f"no player of these games is called {name}" if name else "these games have no players"
        print_lines(out(), [said])
        return
    print_rows(out(), _COLUMNS, rows[: limit or None])
    if limit and len(rows) > limit:
        print_lines(err(), [f"(the first {limit} of {len(rows)} players; --limit 0 prints all)"])


def print_comparison(
    connection: duckdb.DuckDBPyConnection, one: str, other: str, population: Population, *, as_json: bool
) -> None:
    """Prints a comparison of two players over the asked games, or of the players of two games.

    Raises HomeError for an unknown or ambiguous name.
    """
    keys = [_player_key(connection, name) for name in (one, other)]
    if all(keys):
        asked = population.line(connection)
        condition = "player_key = ? and replay_id in (select replay_id from asked_games)"
        query = population.statement(_FIGURES.format(mart="players_in_games", condition=condition))
        compared = [(name, _figures(connection, query, key)) for name, key in zip((one, other), keys, strict=True)]
        meetings = _meetings(connection, *keys)
        if as_json:
            print_json({"asked": asked, "compared": _as_records(compared), "meetings": meetings})
            return
        print_lines(err(), [asked])
        _print_figures(compared)
        print_lines(out(), ["", _met(meetings, one, other)])
        return
    compared = []
    for replay_id in [loaded_replay(connection, name) for name in (one, other)]:
        for player_id, name in connection.execute(
            "select player_id, name from marts.player_game_summary where replay_id = ? order by player_id", [replay_id]
        ).fetchall():
            query = _FIGURES.format(mart="player_game_summary", condition="replay_id = ? and player_id = ?")
            figures = _figures(connection, query, replay_id, player_id)
            del figures["games"]
            compared.append((f"{name} ({replay_id[:6]})", figures))
    if not compared:
        raise HomeError(
            f"neither {one} nor {other} is the canonical file of its game; see is_canonical in marts.dim_replays"
        )
    if as_json:
        print_json({"compared": _as_records(compared)})
    else:
        _print_figures(compared)


_Compared = list[tuple[str, dict[str, float | None]]]
"""Names, each with its figures."""


def _as_records(compared: _Compared) -> list[dict[str, object]]:
    return [{"name": name, "figures": figures} for name, figures in compared]


def _print_figures(compared: _Compared) -> None:
    rows = [(figure, *(_plain(figures[figure]) for _, figures in compared)) for figure in compared[0][1]]
    print_rows(out(), ("", *(name for name, _ in compared)), rows)


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.10g}"


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


def _met(meetings: dict[str, int], one: str, other: str) -> str:
    if not meetings["games"]:
        return "they never met in this warehouse"
    return f"against one another: {one} {meetings['won_by_first']}, {other} {meetings['won_by_second']}"
