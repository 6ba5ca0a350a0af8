-- Grain: one row per race and step of MMR.
select
    games.race_actual,
    coalesce(format('{:04d}-{:04d}', games.mmr // 500 * 500, games.mmr // 500 * 500 + 499), 'unknown') as mmr_band,
    count(*) as player_games,
    round(quantile_cont(games.apm, 0.25)) as quarter_apm,
    round(median(games.apm)) as median_apm,
    round(quantile_cont(games.apm, 0.75)) as three_quarters_apm

from asked_players as games

where games.apm is not null

group by games.race_actual, mmr_band

order by games.race_actual, mmr_band
