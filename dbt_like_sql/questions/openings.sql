-- Grain: one row per matchup, race and opening.
with

counts as (

    select
        games.matchup,
        openings.race_actual,
        games.start_workers,
        array_to_string(list_transform(string_split(openings.opening_key, ' > '), lambda one: display_name(one)), ' > ') as opening,
        count(*) as games,
        count(*) filter (games.is_winner) as wins,
        nullif(count(games.is_winner), 0) as decided,
        count(*) filter (games.is_winner) / nullif(count(games.is_winner), 0) as rate,
        median(openings.opening_game_loops) as loops

    from marts.fct_openings as openings

    inner join asked_players as games using (replay_id, player_id)

    group by games.matchup, openings.race_actual, games.start_workers, openings.opening_key

)

select
    matchup,
    race_actual,
    start_workers,
    opening,
    games,
    wins,
    round(rate, 3) as win_rate,
    round(wilson_low(wins, decided), 3) as low,
    round(wilson_high(wins, decided), 3) as high,
    clock(loops) as median_clock

from counts

where games >= $min_games

order by games desc, matchup, race_actual, start_workers, opening
