-- Grain: one row per matchup, race, start, level and name.
with

named as (

    select replay_id, player_id, race_actual, unnest([('opener', opener), ('plan', plan)]) as told

    from marts.fct_openers

),

counts as (

    select
        games.matchup,
        named.race_actual,
        games.start_workers,
        named.told[1] as level,
        named.told[2] as name,
        count(*) as games,
        count(*) filter (games.is_winner) as wins,
        nullif(count(games.is_winner), 0) as decided

    from named

    inner join asked_players as games using (replay_id, player_id)

    where $level is null or named.told[1] = $level

    group by games.matchup, named.race_actual, games.start_workers, named.told

)

select
    matchup,
    race_actual,
    start_workers,
    level,
    name,
    games,
    wins,
    round(wins / decided, 3) as win_rate,
    round(wilson_low(wins, decided), 3) as low,
    round(wilson_high(wins, decided), 3) as high

from counts

where games >= $min_games

order by level, games desc, matchup, race_actual, start_workers, name
