"""Section of the collection page: openings."""

from sc2_pipeline.report.collection_economy import RACES
from sc2_pipeline.report.drawing import Strip, strips
from sc2_pipeline.report.page import figure, section, table
from sc2_pipeline.report.rows import Asked
from sc2_pipeline.report.text import escaped, number, percent

SHOWN_OPENINGS = 12

_FIRSTS = """
with firsts as (
    select units.replay_id, units.player_id, units.first_unit_type, game_seconds(min(units.started_game_loop)) as seconds
    from marts.fct_units as units
    where units.start_method = 'init' and units.is_structure and units.end_reason != 'cancelled'
        and units.category in ('townhall', 'production', 'technology', 'gas', 'supply')
    group by units.replay_id, units.player_id, units.first_unit_type
)
select display_name(first_unit_type), count(*), quantile_cont(seconds, [0.0, 0.25, 0.5, 0.75, 0.95]) as five
from firsts inner join asked_players as games using (replay_id, player_id)
where games.race_actual = ?
group by first_unit_type
having count(*) * 4 >= (
    select count(*) from asked_players where race_actual = ?
)
order by five[3] limit 14
"""


_BASES = """
select games.race_actual, bases.base_number, count(*),
    quantile_cont(bases.started_seconds, [0.0, 0.25, 0.5, 0.75, 0.95])
from marts.fct_bases as bases inner join asked_players as games using (replay_id, player_id)
where bases.base_number between 2 and 4 and bases.end_reason != 'cancelled'
    and games.race_actual is not null
group by all order by 2, 1
"""


def builds_section(asked: Asked) -> str:
    """Timing strips of each race's structures, and the most frequent openings with their results."""
    figures = []
    for colour, race in enumerate(RACES):
        rows = [
            Strip(label=unit, numbers=tuple(five), note=str(count), colour=colour)
            for unit, count, five in asked.rows(_FIRSTS, race, race)
        ]
        drawing = strips(f"When {race} begins the first of each structure", rows, unit="", is_clock=True)
        figures.append(
            figure(
                f"First structures of {race}",
                drawing,
                "From the earliest to 95 in 100; boxes hold half of the players.",
            )
        )
    bases = [
        Strip(label=f"base {nth}, {race}", numbers=tuple(five), note=str(count), colour=RACES.index(race))
        for race, nth, count, five in asked.rows(_BASES)
    ]
    drawing = strips("When players begin their second, third and fourth base", bases, unit="", is_clock=True)
    figures.append(figure("Bases", drawing, "From the earliest to 95 in 100; boxes hold half of the players."))
    openings = asked.answers("openings", min_games=1)[:SHOWN_OPENINGS]
    cells = [
        [
            escaped(row["matchup"]),
            escaped(row["opening"]),
            number(row["games"]),
            percent(row["win_rate"]),
            f"{percent(row['low'])} – {percent(row['high'])}",
            escaped(row["median_clock"]),
        ]
        for row in openings
    ]
    columns = ("matchup", "first four structures, supply left out", "games", "won", "likely", "fourth at")
    return section(
        "builds",
        f"Build orders of {asked.kind}",
        *figures,
        figure("Openings", table(columns, cells, numbers=(2, 3, 4, 5), is_stacked=True), is_whole=True),
    )
