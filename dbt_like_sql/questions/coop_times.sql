-- Grain: one row per map, difficulty and result.
with

games as (

    select
        games.map_key,
        games.map_name,
        games.duration_game_loops,
        max(players.ai_difficulty) as ai_difficulty,
        max(players.result) filter (players.commander is not null) as result

    from asked_games as games

    inner join marts.fct_replay_players as players using (replay_id)

    group by games.replay_id, games.map_key, games.map_name, games.duration_game_loops

)

select
    games.map_name,
    games.ai_difficulty,
    games.result,
    count(*) as games,
    clock(min(games.duration_game_loops), true) as fastest,
    clock(median(games.duration_game_loops), true) as median

from games

group by games.map_key, games.map_name, games.ai_difficulty, games.result

order by games desc, games.map_name, games.ai_difficulty, games.result
