-- Grain: one row per race and phase of the game.
with

phases as (

    select unnest([
        {'phase': '00-05 min', 'first_minute': 0, 'last_minute': 4},
        {'phase': '05-10 min', 'first_minute': 5, 'last_minute': 9},
        {'phase': '10+ min', 'first_minute': 10, 'last_minute': 100000}
    ], recursive := true)

),

games as (

    select games.*

    from asked_players as games

    where games.supply_block_count is not null

),

blocks as (

    select blocks.*, effects.is_effective

    from marts.fct_supply_blocks as blocks

    left join marts.fct_effective_supply_blocks as effects using (replay_id, player_id, started_game_loop)

)

select
    games.race_actual,
    games.start_workers,
    phases.phase,
    count(distinct (games.replay_id, games.player_id)) as player_games,
    count(blocks.started_game_loop) as blocks,
    round(coalesce(sum(blocks.duration_seconds), 0) / count(distinct (games.replay_id, games.player_id)), 1)
        as seconds_per_game,
    round(
        sum(if(blocks.is_effective, blocks.duration_seconds, 0)) filter (blocks.is_effective is not null)
        / count(distinct (games.replay_id, games.player_id)),
        1
    ) as effective_seconds_per_game

from games

inner join phases on games.duration_seconds >= phases.first_minute * 60

left join blocks
    on games.replay_id = blocks.replay_id
    and games.player_id = blocks.player_id
    and game_minute(blocks.started_game_loop) between phases.first_minute and phases.last_minute

group by games.race_actual, games.start_workers, phases.phase

order by games.race_actual, games.start_workers, phases.phase
