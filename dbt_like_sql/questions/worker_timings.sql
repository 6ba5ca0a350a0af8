-- Grain: one row per race and number of workers.
with

timings as (

    select games.race_actual, games.start_workers, timings.workers, timings.reached_game_loop

    from marts.fct_worker_timings as timings

    inner join asked_players as games using (replay_id, player_id)

),

quartiles as (

    select
        race_actual,
        start_workers,
        workers,
        count(*) as player_games,
        quantile_disc(reached_game_loop, [0, 0.25, 0.5, 0.75]) as loops

    from timings

    group by race_actual, start_workers, workers

)

select
    race_actual,
    start_workers,
    workers,
    player_games,
    clock(loops[1]) as earliest,
    clock(loops[2]) as quarter,
    clock(loops[3]) as median,
    clock(loops[4]) as three_quarters

from quartiles

order by race_actual, start_workers, workers
