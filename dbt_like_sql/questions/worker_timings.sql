-- Grain: one row per race and number of workers.
with

timings as (

    select games.race_actual, timings.workers, timings.reached_game_loop

    from marts.fct_worker_timings as timings

    inner join marts.player_game_summary as games using (replay_id, player_id)

    where games.game_mode = '1v1' and ($matchup::text is null or games.matchup = $matchup)
        and (not games.is_resumed or $resumed = 1)
        and ($player::text is null or lower($player) in (lower(games.player_key), lower(games.name)))

),

quartiles as (

    select
        race_actual,
        workers,
        count(*) as player_games,
        quantile_disc(reached_game_loop, [0, 0.25, 0.5, 0.75]) as loops

    from timings

    group by race_actual, workers

)

select
    race_actual,
    workers,
    player_games,
    clock(loops[1]) as earliest,
    clock(loops[2]) as quarter,
    clock(loops[3]) as median,
    clock(loops[4]) as three_quarters

from quartiles

order by race_actual, workers
