"""What a training set reads of the published warehouse, as SQL: players once, and then their events, some games at a time."""

from typing import Final

from sc2_pipeline.training.elements import GRID, elements, places

PLAYERS: Final = """
create temporary table training_players as
with

players as (

    select
        replays.game_key,
        summaries.replay_id,
        summaries.player_id,
        summaries.opponent_player_id,
        replays.split,
        replays.number,
        games.map_key,
        games.patch,
        games.game_mode,
        games.has_ai,
        summaries.matchup,
        summaries.race_actual,
        summaries.opponent_race_actual,
        summaries.mmr,
        theirs.mmr as opponent_mmr,
        1 / count(*) over (partition by summaries.replay_id) as weight,
        summaries.is_winner as label_is_winner,
        games.duration_game_loops,
        mine.side,
        row_number() over (order by replays.number, summaries.player_id) - 1 as sequence

    from marts.player_game_summary as summaries

    inner join training_games as replays using (replay_id)

    inner join marts.games as games using (replay_id)

    inner join marts.fct_replay_players as mine using (replay_id, player_id)

    left join marts.fct_replay_players as theirs
        on summaries.replay_id = theirs.replay_id and summaries.opponent_player_id = theirs.player_id

    where not summaries.is_computer

)

select mine.*, theirs.sequence as opponent_sequence

from players as mine

left join players as theirs
    on mine.replay_id = theirs.replay_id and mine.opponent_player_id = theirs.player_id

order by mine.sequence
"""
"""Everyone who played in ``training_games``, and what is known of the game and of them before it begins."""

REPLAYS: Final = "select replay_id from training_games where number >= $first and number < $last"

_ONE_ROW: Final = "select sequence, replay_id, player_id, duration_game_loops, side from training_players"
_OF_GAMES: Final = f"({_ONE_ROW} where number >= $first and number < $last) as players"


def _statistic(name: str) -> str:
    """SQL of a statistic; ``resources_...`` is minerals and vespene together, and never below 0."""
    kind = name.removeprefix("resources_")
    value = name if kind == name else f"greatest(minerals_{kind} + vespene_{kind}, 0)"
    return f"{value}::float as {name}"


SAMPLES: Final = f"""
select
    players.sequence,
    economy.game_loop,
    players.duration_game_loops,
    {", ".join(map(_statistic, places("economy")))}
from {_OF_GAMES}
inner join marts.fct_economy_snapshots as economy using (replay_id, player_id)
where economy.game_loop % {GRID} = 0 and economy.game_loop <= players.duration_game_loops
order by all
"""
"""Statistics every 160 game loops. The sample that the stream ends with lies on no grid: it would tell that the game is over."""

_PLACES: Final = ", ".join(f"('{element.kind}', '{element.name}', {place})" for place, element in enumerate(elements()))
_ELEMENTS: Final = f"(values {_PLACES}) as elements(kind, name, place)"

COUNTS_AT_SAMPLES: Final = f"""
with runs as (
    select players.sequence, elements.place, runs.from_game_loop, runs.until_game_loop, runs.alive_count
    from {_OF_GAMES}
    inner join marts.fct_unit_count_runs as runs using (replay_id, player_id)
    inner join (select distinct unit_type, base_unit_type from raw.known_unit_types) as types using (unit_type)
    inner join {_ELEMENTS} on elements.kind = 'units' and elements.name = types.base_unit_type
    where runs.alive_count > 0
)
select sequence, place, from_game_loop as game_loop, alive_count as change from runs
union all
select sequence, place, until_game_loop, -alive_count from runs
"""
"""By how much the number of units alive changes, at samples of the statistics."""

COUNTS: Final = f"""
with states as (
    select * from intermediate.int_unit_states where replay_id in ({{replays}})
),
changes as (
    select replay_id, player_id_after as player_id, unit_type_after as name, game_loop, 1 as change
    from states where state_after = 'alive'
    union all
    select replay_id, player_id_before, unit_type_before, game_loop, -1 from states where state_before = 'alive'
)
select players.sequence, elements.place, changes.game_loop, changes.change
from {_OF_GAMES}
inner join changes using (replay_id, player_id)
inner join {_ELEMENTS} on elements.kind = 'units' and elements.name = changes.name
"""
"""The same at the game loops at which units came and went; ``replays`` are the ids of the games, quoted."""

UPGRADES: Final = f"""
select players.sequence, elements.place, min(upgrades.finished_game_loop) as game_loop, 1 as change
from {_OF_GAMES}
inner join marts.fct_upgrades as upgrades using (replay_id, player_id)
inner join {_ELEMENTS} on elements.kind = 'upgrades' and elements.name = upgrades.upgrade
where upgrades.finished_game_loop is not null
group by players.sequence, elements.place
"""

FIGHTS: Final = f"""
select
    players.sequence,
    fights.started_game_loop as game_loop,
    arg_min(fights.winner_side = players.side, fights.battle_number) as value
from {_OF_GAMES}
inner join marts.fct_battles as fights using (replay_id)
group by all
order by all
"""
"""Whether the player's side won each fight; NULL where nobody did."""

STEPS: Final = f"""
select players.sequence, steps.started_game_loop as game_loop, arg_min(steps.display_name, steps.step_number) as value
from {_OF_GAMES}
inner join marts.fct_build_orders as steps using (replay_id, player_id)
where steps.started_game_loop is not null and not steps.is_cancelled and not steps.is_worker
group by all
order by all
"""
"""Steps of the build order but workers, the first of those begun at one game loop."""
