-- Grain: one row per matchup, race and value of the dimension.
with

cuts as (

    select
        games.matchup,
        left(upper(games.race_actual), 1) as race,
        games.is_winner,
        case $dimension
            when 'patch' then games.patch
            when 'map' then games.map_name
            when 'mmr_band' then format('{:04d}-{:04d}', games.mmr // 500 * 500, games.mmr // 500 * 500 + 499)
            when 'length' then case
                when games.duration_seconds < 300 then '00-05 min'
                when games.duration_seconds < 600 then '05-10 min'
                when games.duration_seconds < 900 then '10-15 min'
                when games.duration_seconds < 1200 then '15-20 min'
                else '20+ min'
            end
            else 'all'
        end as value

    from asked_players as games

    where games.is_winner is not null and games.race_actual != games.opponent_race_actual

),

counts as (

    select
        matchup,
        coalesce(value, 'unknown') as value,
        race,
        count(*) as games,
        count(*) filter (is_winner) as wins,
        count(*) filter (is_winner) / count(*) as rate

    from cuts

    group by matchup, coalesce(value, 'unknown'), race

)

select
    matchup,
    value,
    race,
    games,
    wins,
    round(rate, 3) as win_rate,
    round(wilson_low(wins, games), 3) as low,
    round(wilson_high(wins, games), 3) as high

from counts

order by matchup, value, race
