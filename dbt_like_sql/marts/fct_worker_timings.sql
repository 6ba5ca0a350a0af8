-- Grain: one row per replay, player and number of workers that was reached.
with

goals as (

    select unnest([16, 22, 33, 44, 55, 66]) as workers

),

samples as (

    select
        replay_id,
        player_id,
        source,
        game_loop,
        worker_count,
        lag(game_loop) over (partition by replay_id, player_id order by game_loop) as previous_game_loop

    from marts.fct_economy_snapshots

)

select
    samples.replay_id,
    samples.player_id,
    goals.workers,
    any_value(samples.source) as source,
    any_value(replays.is_resumed) as is_resumed,
    min(samples.game_loop) as reached_game_loop,
    game_seconds(min(samples.game_loop)) as reached_seconds,
    min(samples.game_loop) - arg_min(coalesce(samples.previous_game_loop, 0), samples.game_loop) as error_game_loops

from samples

inner join goals on samples.worker_count >= goals.workers

inner join intermediate.int_replays as replays on samples.replay_id = replays.replay_id

group by samples.replay_id, samples.player_id, goals.workers
