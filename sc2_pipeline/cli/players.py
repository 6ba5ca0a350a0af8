"""Lists players, and compares two players or two games."""

from typing import Any

import duckdb

from sc2_pipeline.browsing.compare import FIGURES, game_figures, meetings, player_means
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
        means = [player_means(connection, str(key), population) for key in keys]
        compared = [(name, _titled(mean)) for name, mean in zip((one, other), means, strict=True)]
        met = meetings(connection, *(str(key) for key in keys))
        if as_json:
            print_json({"asked": asked, "compared": _as_records(compared), "meetings": met})
            return
        print_lines(err(), [asked])
        _print_figures(compared)
        print_lines(out(), ["", _met(met, one, other)])
        return
    compared = [
        (f"{row['name']} ({replay_id[:6]})", _titled(row))
        for replay_id in [loaded_replay(connection, name) for name in (one, other)]
        for row in game_figures(connection, replay_id)
    ]
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


def _titled(row: dict[str, Any]) -> dict[str, float | None]:
    """Figures by their titles, after the numbers of games where there are several."""
    return (
        {name: row[name] for name in ("games", "won") if name in row}
        | ({} if "games" in row else {"won": int(row["is_winner"]) if row["is_winner"] is not None else 0})
        | {title: row[name] for name, (title, _, _) in FIGURES.items()}
    )


def _met(met: dict[str, int], one: str, other: str) -> str:
    if not met["games"]:
        return "they never met in this warehouse"
    return f"against one another: {one} {met['won_by_first']}, {other} {met['won_by_second']}"
