-- Grain: one row per account and race.
with

openings as (

    select
        games.player_key,
        games.race_actual,
        openings.opening_key,
        count(*) as times

    from marts.fct_openings as openings

    inner join marts.player_game_summary as games using (replay_id, player_id)

    where games.game_mode = '1v1' and ($matchup::text is null or games.matchup = $matchup)
        and (not games.is_resumed or $resumed = 1)

    group by games.player_key, games.race_actual, openings.opening_key

),

favourites as (

    select player_key, race_actual, arg_max(opening_key, (times, opening_key)) as opening_key, max(times) as times

    from openings

    group by player_key, race_actual

)

select
    games.player_key,
    arg_max(games.name, (games.played_at, games.replay_id)) as name,
    games.race_actual,
    count(*) as games,
    round(avg(games.apm)) as apm,
    round(stddev_samp(games.apm), 1) as apm_spread,
    round(avg(games.spending_quotient), 1) as spending_quotient,
    round(avg(games.workers_at_5_minutes), 1) as workers_at_5_minutes,
    any_value(favourites.opening_key) as favourite_opening,
    round(any_value(favourites.times) / count(*), 2) as opening_share

from marts.player_game_summary as games

left join favourites using (player_key, race_actual)

where games.player_key is not null and games.game_mode = '1v1' and ($matchup::text is null or games.matchup = $matchup)
        and (not games.is_resumed or $resumed = 1)
        and ($player::text is null or lower($player) in (lower(games.player_key), lower(games.name)))

group by games.player_key, games.race_actual

having count(*) >= $min_games

order by games desc, games.player_key, games.race_actual
