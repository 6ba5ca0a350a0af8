-- Grain: one row per map: a family of map versions.
with

-- All versions of a map have one terrain.
loaded as (

    select replays.map_key, info.*

    from raw.game_info as info

    inner join marts.dim_replays as replays on info.replay_id = replays.replay_id

    qualify row_number() over (
        partition by replays.map_key order by replays.played_at desc nulls last, info.replay_id
    ) = 1

),

maps as (

    select
        map_key,
        map_name,
        coalesce(list_sort(list(distinct map_title) filter (map_title is not null)), []) as map_names_seen,
        count(distinct map_version_key) as version_count,
        bool_or(is_blizzard_map) as is_blizzard_map,
        count(*) as replay_count,
        count(*) filter (is_canonical) as game_count,
        min(played_at) as first_played_at,
        max(played_at) as last_played_at,
        median(duration_seconds) filter (is_canonical and not is_resumed) as median_duration_seconds

    from marts.dim_replays

    where map_key is not null

    group by map_key, map_name

)

select
    maps.*,
    loaded.map_width,
    loaded.map_height,
    loaded.playable_x_min,
    loaded.playable_y_min,
    loaded.playable_x_max,
    loaded.playable_y_max,
    loaded.start_locations,
    loaded.pathing_grid_bits_per_pixel,
    loaded.pathing_grid_width,
    loaded.pathing_grid_height,
    loaded.pathing_grid_pixels,
    loaded.terrain_height_bits_per_pixel,
    loaded.terrain_height_width,
    loaded.terrain_height_height,
    loaded.terrain_height_pixels,
    loaded.placement_grid_bits_per_pixel,
    loaded.placement_grid_width,
    loaded.placement_grid_height,
    loaded.placement_grid_pixels

from maps

left join loaded on maps.map_key = loaded.map_key
