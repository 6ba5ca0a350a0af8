-- Grain: one row per map, difficulty and result.
with

games as (

    select
        replays.map_key,
        replays.duration_game_loops,
        max(players.ai_difficulty) as ai_difficulty,
        max(players.result) filter (players.commander is not null) as result

    from marts.dim_replays as replays

    inner join marts.fct_replay_players as players using (replay_id)

    where replays.is_coop and replays.is_canonical and (not replays.is_resumed or $resumed = 1)

    group by replays.replay_id, replays.map_key, replays.duration_game_loops

)

select
    maps.map_name,
    games.ai_difficulty,
    games.result,
    count(*) as games,
    clock(min(games.duration_game_loops), true) as fastest,
    clock(median(games.duration_game_loops), true) as median

from games

inner join marts.dim_maps as maps using (map_key)

where $map::text is null or contains(lower(maps.map_name), lower($map))

group by maps.map_key, maps.map_name, games.ai_difficulty, games.result

order by games desc, maps.map_name, games.ai_difficulty, games.result
