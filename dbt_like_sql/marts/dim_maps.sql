-- Grain: one row per map version; per map name where replays carry no map hash.
select
    map_key,
    any_value(map_hash) as map_hash,
    arg_max(map_name, (played_at, replay_id)) as map_name,
    list_sort(list(distinct map_name)) as map_names_seen,
    bool_or(is_blizzard_map) as is_blizzard_map,
    count(*) as replay_count,
    count(*) filter (is_canonical) as game_count,
    min(played_at) as first_played_at,
    max(played_at) as last_played_at,
    median(duration_seconds) filter (is_canonical) as median_duration_seconds

from marts.dim_replays

group by map_key
