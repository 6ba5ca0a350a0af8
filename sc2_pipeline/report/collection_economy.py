"""Section of the collection page: economy."""

from sc2_pipeline.report.drawing import Series, Strip, histogram, line_chart, strips
from sc2_pipeline.report.page import figure, section
from sc2_pipeline.report.rows import Asked

RACES = ("protoss", "terran", "zerg")

_CURVES = """
select games.race_actual, minutes.game_minute * 60, avg(minutes.avg_minerals_per_minute + minutes.avg_vespene_per_minute),
    avg(minutes.avg_unspent), avg(minutes.avg_worker_count)
from marts.fct_player_minutes as minutes
inner join asked_players as games using (replay_id, player_id)
where games.race_actual is not null
group by games.race_actual, minutes.game_minute
having count(*) >= 3 or (select count(*) from asked_players) < 30
order by games.race_actual, minutes.game_minute
"""
_QUOTIENTS = """
select coalesce((mmr // 500 * 500)::text, 'MMR unknown') as band, count(*),
    quantile_cont(spending_quotient, [0.0, 0.25, 0.5, 0.75, 1.0])
from asked_players where spending_quotient is not null group by band order by band
"""
_WORKERS = """
select games.race_actual, timings.workers, count(*), quantile_cont(timings.reached_seconds, [0.0, 0.25, 0.5, 0.75, 1.0])
from marts.fct_worker_timings as timings
inner join asked_players as games using (replay_id, player_id)
where timings.workers in (22, 44, 66) and games.race_actual is not null
group by games.race_actual, timings.workers order by timings.workers, games.race_actual
"""


def economy_section(asked: Asked) -> str:
    """Income, bank, spending quotients, worker timings and supply blocks of games of one against one."""
    curves = asked.rows(_CURVES)
    return section(
        "economy",
        f"Economy of {asked.kind}",
        figure(
            "Income",
            line_chart("Mean income by race", _lines(curves, 2), unit="a minute"),
            "Mean of minerals and vespene a minute.",
        ),
        figure(
            "Bank",
            line_chart("Mean unspent resources by race", _lines(curves, 3), unit="unspent"),
            "Mean of minerals and vespene unspent.",
        ),
        figure(
            "Workers",
            line_chart("Mean workers by race", _lines(curves, 4), unit="workers"),
            "Mean; games that have ended no longer count.",
        ),
        figure(
            "Spending quotient by MMR",
            strips("Spending quotients by MMR", _quotients(asked), unit="", start=_lowest(asked)),
            "Boxes hold half of the players, lines all; on the right how many.",
        ),
        figure(
            "Workers reached",
            strips("When players have 22, 44 and 66 workers", _workers(asked), unit="", is_clock=True),
        ),
        figure(
            "Supply blocks",
            _blocks(asked),
            "Mean seconds a game that a player is blocked while something stands idle (effective), by minutes of the game; "
            "of games since base build 55505, where that is known.",
        ),
    )


def _lines(curves: list[tuple[object, ...]], column: int) -> list[Series]:
    lines = []
    for colour, race in enumerate(RACES):
        points = [(float(str(row[1])), float(str(row[column]))) for row in curves if row[0] == race]
        if points:
            lines.append(Series(label=race, points=points, colour=colour, dash=colour))
    return lines


def _quotients(asked: Asked) -> list[Strip]:
    return [Strip(label=band, numbers=tuple(five), note=str(count)) for band, count, five in asked.rows(_QUOTIENTS)]


def _lowest(asked: Asked) -> float:
    return min((row.numbers[0] for row in _quotients(asked)), default=0.0) // 10 * 10


def _workers(asked: Asked) -> list[Strip]:
    return [
        Strip(label=f"{workers} {race}", numbers=tuple(five), note=str(count), colour=RACES.index(race))
        for race, workers, count, five in asked.rows(_WORKERS)
    ]


def _blocks(asked: Asked) -> str:
    rows = asked.answers("supply_blocks")
    bins = [
        (
            f"{row['race_actual'][0].upper()} {row['phase'].removesuffix(' min')}",
            float(row["effective_seconds_per_game"]),
        )
        for row in rows
        if row["effective_seconds_per_game"] is not None
    ]
    return histogram("Seconds blocked by race and minutes", bins, unit="seconds a game")
