-- Grain: one row per map, difficulty and result.
with

games as (

    select
        replays.map_key,
        replays.duration_normal_seconds::integer as seconds,
        max(players.ai_difficulty) as ai_difficulty,
        max(players.result) filter (players.commander is not null) as result

    from marts.dim_replays as replays

    inner join marts.fct_replay_players as players using (replay_id)

    where replays.is_coop and replays.is_canonical

    group by replays.replay_id, replays.map_key, replays.duration_normal_seconds

)

select
    maps.map_name,
    games.ai_difficulty,
    games.result,
    count(*) as games,
    format('{}:{:02d}', min(games.seconds) // 60, min(games.seconds) % 60) as fastest,
    format('{}:{:02d}', median(games.seconds)::integer // 60, median(games.seconds)::integer % 60) as median

from games

inner join marts.dim_maps as maps using (map_key)

where $map::text is null or contains(lower(maps.map_name), lower($map))

group by maps.map_key, maps.map_name, games.ai_difficulty, games.result

order by games desc, maps.map_name, games.ai_difficulty, games.result
