"""Prints lists of players, and comparisons."""

import duckdb

from sc2_pipeline.cli.terminal import err, out, print_json, print_lines, print_rows
from sc2_pipeline.population import Population
from sc2_pipeline.public.comparison import comparison

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
    """Prints :func:`sc2_pipeline.public.comparison.comparison`."""
    found = comparison(connection, one, other, population)
    if as_json:
        print_json(found)
        return
    if "asked" in found:
        print_lines(err(), [found["asked"]])
    compared = found["compared"]
    rows = [(figure, *(_plain(each["figures"][figure]) for each in compared)) for figure in compared[0]["figures"]]
    print_rows(out(), ("", *(each["name"] for each in compared)), rows)
    if "meetings" in found:
        print_lines(out(), ["", _met(found["meetings"], one, other)])


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.10g}"


def _met(meetings: dict[str, int], one: str, other: str) -> str:
    if not meetings["games"]:
        return "they never met in this warehouse"
    return f"against one another: {one} {meetings['won_by_first']}, {other} {meetings['won_by_second']}"
