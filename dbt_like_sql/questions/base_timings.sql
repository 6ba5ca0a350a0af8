-- Grain: one row per race, number of the base and step of MMR.
with

bases as (

    select
        games.race_actual,
        games.start_workers,
        bases.base_number,
        coalesce(format('{:04d}-{:04d}', games.mmr // 1000 * 1000, games.mmr // 1000 * 1000 + 999), 'unknown') as mmr_band,
        count(*) as player_games,
        quantile_disc(bases.started_game_loop, [0.25, 0.5, 0.75]) as loops

    from marts.fct_bases as bases

    inner join asked_players as games using (replay_id, player_id)

    where bases.base_number between 2 and 4
        and bases.end_reason != 'cancelled'

    group by games.race_actual, games.start_workers, bases.base_number, mmr_band

)

select
    race_actual,
    start_workers,
    base_number,
    mmr_band,
    player_games,
    clock(loops[1]) as quarter,
    clock(loops[2]) as median,
    clock(loops[3]) as three_quarters

from bases

order by race_actual, start_workers, base_number, mmr_band
