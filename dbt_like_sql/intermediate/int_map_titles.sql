-- Grain: one row per map version and title of it.
select
    map_version_key,
    map_hash,
    map_title,
    -- The editor gives every new map this title.
    nullif(
        lower(regexp_replace(nfc_normalize(map_title), '[\s\p{Z}]+', ' ', 'g')), 'just another starcraft ii map'
    ) as joining_title,
    bool_or(is_blizzard_map) as is_blizzard_map,
    count(*) as replay_count,
    min(played_at) as first_played_at

from intermediate.int_replays

where map_version_key is not null

group by map_version_key, map_hash, map_title
