-- Grain: one row per account and race.
with

openings as (

    select
        games.player_key,
        games.race_actual,
        games.start_workers,
        openings.opening_key,
        count(*) as times,
        sum(count(*)) over (partition by games.player_key, games.race_actual, games.start_workers) as known

    from marts.fct_openings as openings

    inner join asked_players as games using (replay_id, player_id)

    group by games.player_key, games.race_actual, games.start_workers, openings.opening_key

),

favourites as (

    select player_key, race_actual, start_workers, arg_max(opening_key, (times, opening_key)) as opening_key, max(times) as times, any_value(known) as known

    from openings

    group by player_key, race_actual, start_workers

)

select
    games.player_key,
    arg_max(games.name, (games.played_at, games.replay_id)) as name,
    games.race_actual,
    games.start_workers,
    count(*) as games,
    round(avg(games.apm)) as apm,
    round(stddev_samp(games.apm), 1) as apm_spread,
    round(avg(games.spending_quotient), 1) as spending_quotient,
    round(avg(games.workers_at_5_minutes), 1) as workers_at_5_minutes,
    array_to_string(
        list_transform(string_split(any_value(favourites.opening_key), ' > '), lambda one: display_name(one)), ' > '
    ) as favourite_opening,
    round(any_value(favourites.times) / any_value(favourites.known), 2) as opening_share

from asked_players as games

left join favourites
    on games.player_key = favourites.player_key
    and games.race_actual = favourites.race_actual
    and games.start_workers is not distinct from favourites.start_workers

where games.player_key is not null

group by games.player_key, games.race_actual, games.start_workers

having count(*) >= $min_games

order by games desc, games.player_key, games.race_actual, games.start_workers
