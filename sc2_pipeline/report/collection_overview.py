"""Section of the collection page: replays found and loaded, and what kinds of games they are."""

import duckdb

from sc2_pipeline.report.drawing import Interval, bars, histogram, intervals
from sc2_pipeline.report.page import figure, section
from sc2_pipeline.report.rows import answered, fetched

_STATUSES = "select status, count(*) from ops.replays group by status"
_FILES = "select count(*) from ops.replay_files"
_MATCHUPS = """
select coalesce(matchup, game_mode), count(*) from marts.games group by all order by 2 desc, 1 limit 12
"""
_LENGTHS = """
select least((duration_minutes // 2)::integer, 15) as step, count(*)
from marts.games where not is_resumed group by step order by step
"""
_RATINGS = """
select mmr // 250 * 250 as step, count(*) from marts.player_game_summary where mmr is not null group by step order by step
"""
_PATCHES = """
select regexp_extract(patch, '^\\d+\\.\\d+') as patch, count(*), min(base_build)
from marts.games group by patch order by 3
"""
_MAPS = (
    "select map_name, game_count from marts.dim_maps where game_count > 0 order by game_count desc, map_name limit 12"
)

_YEARS = """
select year(played_on), count(*) from marts.games where played_on is not null group by all order by 1
"""


def overview_section(connection: duckdb.DuckDBPyConnection) -> str:
    """Funnel, matchups, lengths, ratings, patches, maps and win rates."""
    return section(
        "overview",
        "Overview",
        figure("From files to tables", _funnel(connection)),
        figure("Matchups", bars(_pairs(connection, _MATCHUPS), note="games")),
        figure(
            "Lengths",
            histogram("Games by minutes of length", _lengths(connection), unit="games"),
            "Games by minutes at speed Faster.",
        ),
        figure(
            "Ratings",
            histogram("Players by MMR", _ratings(connection), unit="players"),
            "Players of games by MMR; where it is known.",
        ),
        figure(
            "Patches",
            histogram("Games by patch", _pairs(connection, _PATCHES), unit="games"),
            "Games by version of the game.",
        ),
        figure(
            "Maps",
            bars(_pairs(connection, _MAPS), note="games"),
            "The maps played most, under all their titles and in all their versions.",
        ),
        figure(
            "Years", histogram("Games by year", _years(connection), unit="games"), "Games by the year they were played."
        ),
        figure(
            "Who wins",
            intervals("Win rates of the first race of each matchup", _win_rates(connection)),
            "Share won by the first race. An interval that crosses the middle says that nothing is known yet.",
        ),
    )


def _pairs(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[str, float]]:
    return [(str(label or "unknown"), float(count)) for label, count, *_ in fetched(connection, query)]


def _funnel(connection: duckdb.DuckDBPyConnection) -> str:
    counts = {str(status): float(count) for status, count in fetched(connection, _STATUSES)}
    [(files,)] = fetched(connection, _FILES)
    found = sum(counts.values())
    steps = [
        ("files", float(files)),
        ("different replays", found),
        ("rejected", counts.get("rejected", 0.0)),
        ("failed", counts.get("failed", 0.0)),
        ("pending", counts.get("found", 0.0) + counts.get("extracted", 0.0)),
        ("loaded", counts.get("loaded", 0.0)),
    ]
    return bars(steps, note="replays")


def _lengths(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, float]]:
    counts: dict[int, int] = dict(fetched(connection, _LENGTHS))
    last = max(counts, default=-1)
    return [(f"{2 * step}{'+' if step == 15 else ''}", float(counts.get(step, 0))) for step in range(last + 1)]


def _years(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, float]]:
    counts: dict[int, int] = dict(fetched(connection, _YEARS))
    return [
        (str(year), float(counts.get(year, 0))) for year in range(min(counts, default=0), max(counts, default=-1) + 1)
    ]


def _ratings(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, float]]:
    counts: dict[int, int] = dict(fetched(connection, _RATINGS))
    steps = range(min(counts, default=0), max(counts, default=-250) + 1, 250)
    return [(str(step), float(counts.get(step, 0))) for step in steps]


def _win_rates(connection: duckdb.DuckDBPyConnection) -> list[Interval]:
    return [
        Interval(
            label=f"{row['race']} in {row['matchup']}",
            rate=row["win_rate"],
            low=row["low"],
            high=row["high"],
            note=f"{row['games']} games",
        )
        for row in answered(connection, "win_rates")
        if row["matchup"].startswith(row["race"])
    ]
