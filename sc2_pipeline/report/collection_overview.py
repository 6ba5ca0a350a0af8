"""Section of the collection page: replays found and loaded, and what kinds of games they are."""

from sc2_pipeline.report.drawing import Interval, bars, histogram, intervals
from sc2_pipeline.report.page import figure, section
from sc2_pipeline.report.rows import Asked

_STATUSES = "select status, count(*) from ops.replays group by status"
_FILES = "select count(*) from ops.replay_files"
_MATCHUPS = """
select coalesce(matchup, game_mode), count(*) from asked_games group by all order by 2 desc, 1 limit 12
"""
_LENGTHS = """
select least((duration_minutes // 2)::integer, 15) as step, count(*)
from asked_games group by step order by step
"""
_RATINGS = """
select mmr // 250 * 250 as step, count(*) from asked_players where mmr is not null group by step order by step
"""
_PATCHES = """
select regexp_extract(patch, '^\\d+\\.\\d+') as patch, count(*), min(base_build)
from asked_games group by patch order by 3
"""
_MAPS = """
select map_name, count(*) from asked_games where map_name is not null group by map_key, map_name order by 2 desc, 1 limit 12
"""

_YEARS = """
select year(played_on), count(*) from asked_games where played_on is not null group by all order by 1
"""


def overview_section(asked: Asked) -> str:
    """Funnel, matchups, lengths, ratings, patches, maps and win rates."""
    return section(
        "overview",
        "Overview",
        figure("From files to tables", _funnel(asked)),
        figure("Matchups", bars(_pairs(asked, _MATCHUPS), note="games")),
        figure(
            "Lengths",
            histogram("Games by minutes of length", _lengths(asked), unit="games"),
            "Games by minutes at speed Faster.",
        ),
        figure(
            "Ratings",
            histogram("Players by MMR", _ratings(asked), unit="players"),
            "Players of games by MMR; where it is known.",
        ),
        figure(
            "Patches",
            histogram("Games by patch", _pairs(asked, _PATCHES), unit="games"),
            "Games by version of the game.",
        ),
        figure(
            "Maps",
            bars(_pairs(asked, _MAPS), note="games"),
            "The maps played most, under all their titles and in all their versions.",
        ),
        figure("Years", histogram("Games by year", _years(asked), unit="games"), "Games by the year they were played."),
        figure(
            "Who wins",
            intervals("Win rates of the first race of each matchup", _win_rates(asked)),
            "Share won by the first race. An interval that crosses the middle says that nothing is known yet.",
        ),
    )


def _pairs(asked: Asked, query: str) -> list[tuple[str, float]]:
    return [(str(label or "unknown"), float(count)) for label, count, *_ in asked.rows(query)]


def _funnel(asked: Asked) -> str:
    counts = {str(status): float(count) for status, count in asked.rows(_STATUSES)}
    [(files,)] = asked.rows(_FILES)
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


def _lengths(asked: Asked) -> list[tuple[str, float]]:
    counts: dict[int, int] = dict(asked.rows(_LENGTHS))
    last = max(counts, default=-1)
    return [(f"{2 * step}{'+' if step == 15 else ''}", float(counts.get(step, 0))) for step in range(last + 1)]


def _years(asked: Asked) -> list[tuple[str, float]]:
    counts: dict[int, int] = dict(asked.rows(_YEARS))
    return [
        (str(year), float(counts.get(year, 0))) for year in range(min(counts, default=0), max(counts, default=-1) + 1)
    ]


def _ratings(asked: Asked) -> list[tuple[str, float]]:
    counts: dict[int, int] = dict(asked.rows(_RATINGS))
    steps = range(min(counts, default=0), max(counts, default=-250) + 1, 250)
    return [(str(step), float(counts.get(step, 0))) for step in steps]


def _win_rates(asked: Asked) -> list[Interval]:
    return [
        Interval(
            label=f"{row['race']} in {row['matchup']}",
            rate=row["win_rate"],
            low=row["low"],
            high=row["high"],
            note=f"{row['games']} games",
        )
        for row in asked.answers("win_rates")
        if row["matchup"].startswith(row["race"])
    ]
