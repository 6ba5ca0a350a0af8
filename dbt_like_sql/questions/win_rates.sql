-- Grain: one row per matchup, race and value of the dimension.
select
    matchup,
    value,
    race,
    player_games as games,
    wins,
    round(win_rate, 3) as win_rate,
    round(win_rate_low, 3) as low,
    round(win_rate_high, 3) as high

from marts.fct_matchups

where dimension = $dimension and not is_mirror and ($matchup::text is null or matchup = $matchup)

order by matchup, value, race
