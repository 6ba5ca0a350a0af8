-- Grain: one row per race and number of workers.
with

timings as (

    select games.race_actual, timings.workers, timings.reached_game_loop

    from marts.fct_worker_timings as timings

    inner join marts.player_game_summary as games using (replay_id, player_id)

    where games.game_mode = '1v1' and ($matchup::text is null or games.matchup = $matchup)
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
    format('{}:{:02d}', loops[1] // 1344, loops[1] % 1344 * 5 // 112) as earliest,
    format('{}:{:02d}', loops[2] // 1344, loops[2] % 1344 * 5 // 112) as quarter,
    format('{}:{:02d}', loops[3] // 1344, loops[3] % 1344 * 5 // 112) as median,
    format('{}:{:02d}', loops[4] // 1344, loops[4] % 1344 * 5 // 112) as three_quarters

from quartiles

order by race_actual, workers
