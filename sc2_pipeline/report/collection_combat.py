"""Section of the collection page: battles and losses."""

from sc2_pipeline.report.drawing import Interval, bars, histogram, intervals
from sc2_pipeline.report.maps import heat_map
from sc2_pipeline.report.page import figure, section, table
from sc2_pipeline.report.rows import Asked
from sc2_pipeline.report.text import escaped, name, number

SHOWN_MAPS = 2
CELLS = 4
"""Edge length of a heat map square, in map cells."""

_KINDS = """
select replace(kind, '_', ' '), count(*) from marts.fct_battles inner join asked_games using (replay_id)
group by all order by 2 desc, 1
"""
_FIRSTS = """
with firsts as (
    select replay_id, game_minute(min(started_game_loop)) as minute from marts.fct_battles
    inner join asked_games using (replay_id)
    where kind = 'battle' group by replay_id
)
select minute, count(*) from firsts group by minute order by minute
"""
_MAPS = """
select maps.map_key, maps.map_name, count(*) as deaths, count(distinct deaths.replay_id) as game_count,
    maps.playable_x_min, maps.playable_y_min, maps.playable_x_max, maps.playable_y_max
from marts.fct_unit_deaths as deaths
inner join asked_games as games using (replay_id)
inner join marts.dim_maps as maps using (map_key)
where deaths.x is not null and not deaths.is_summoned
group by all order by game_count desc, deaths desc, maps.map_name limit ?
"""
_CELLS = """
select floor(deaths.x / ?) * ? as x, floor(deaths.y / ?) * ? as y, count(*)
from marts.fct_unit_deaths as deaths inner join asked_games as games using (replay_id)
where games.map_key = ? and deaths.x is not null and not deaths.is_summoned group by all order by all
"""


def combat_section(asked: Asked) -> str:
    """Battles by kind and time, winning armies, what kills what, and where units die."""
    return section(
        "combat",
        f"Combat in {asked.kind}",
        figure(
            "Fights by kind",
            bars(_pairs(asked), note="fights"),
            "Deaths within 10 seconds and 15 cells of one another, however long the chain.",
        ),
        figure(
            "First battle",
            histogram("Games by the minute of their first battle", _firsts(asked), unit="games"),
            "Games by the minute of their first battle.",
        ),
        figure(
            "Does the larger army win the game?",
            intervals("Win rate by army ratio at the first battle", _ratios(asked)),
            "Share of games won, by own army for each of the opponent's before the first battle.",
        ),
        figure(
            "What trades with what",
            _trades(asked),
            "By the unit in which most of an army's worth is; armies of the same are left out.",
        ),
        *_heat_maps(asked),
    )


def _pairs(asked: Asked) -> list[tuple[str, float]]:
    return [(str(kind), float(count)) for kind, count in asked.rows(_KINDS)]


def _firsts(asked: Asked) -> list[tuple[str, float]]:
    counts: dict[int, int] = dict(asked.rows(_FIRSTS))
    return [(str(minute), float(counts.get(minute, 0))) for minute in range(max(counts, default=-1) + 1)]


def _ratios(asked: Asked) -> list[Interval]:
    return [
        Interval(
            label=row["army_ratio"][3:],
            rate=row["win_rate"],
            low=row["low"],
            high=row["high"],
            note=f"{row['games']} sides",
        )
        for row in asked.answers("first_big_fight")
    ]


def _trades(asked: Asked) -> str:
    rows = asked.answers("composition_trades")[:10]
    cells = [
        [escaped(r["our_army"]), escaped(r["their_army"]), number(r["battles"]), number(r["trade_ratio"], 2)]
        for r in rows
    ]
    return table(("army", "against", "fights", "killed for each lost"), cells, numbers=(2, 3))


def _heat_maps(asked: Asked) -> list[str]:
    figures = []
    for map_key, map_name, deaths, games, *extent in asked.rows(_MAPS, SHOWN_MAPS):
        cells = asked.rows(_CELLS, CELLS, CELLS, CELLS, CELLS, map_key)
        drawing = heat_map(f"{deaths} deaths on {map_name}, from above", cells, size=CELLS, extent=extent)
        figures.append(
            figure(f"Deaths on {map_name}", drawing, f"{name(map_name)}: {deaths:,} units lost in {games} games.")
        )
    return figures
