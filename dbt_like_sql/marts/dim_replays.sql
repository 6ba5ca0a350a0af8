-- Grain: one row per replay.
select
    replays.* exclude (map_version_key, map_title, map_hash),
    maps.map_key,
    maps.map_name,
    replays.map_version_key,
    replays.map_title,
    replays.map_hash

from intermediate.int_replays as replays

left join marts.dim_map_versions as maps using (map_version_key)
