-- Grain: one row per matchup, race and step of MMR.
select
    games.matchup,
    games.race_actual,
    coalesce(format('{:04d}-{:04d}', games.mmr // 500 * 500, games.mmr // 500 * 500 + 499), 'unknown') as mmr_band,
    count(*) as player_games,
    round(avg(games.spending_quotient), 1) as average_spending_quotient,
    round(avg(games.spending_quotient_before_max), 1) as average_before_max,
    round(avg(games.average_income)) as average_income,
    round(median(games.median_unspent)) as median_unspent

from asked_players as games

where games.spending_quotient is not null

group by games.matchup, games.race_actual, mmr_band

order by games.matchup, games.race_actual, mmr_band
