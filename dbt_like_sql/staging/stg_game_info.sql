-- Grain: one row per replay and source.
select
    replay_id,
    source,
    map_name,
    local_map_path,
    mod_names,
    map_width,
    map_height,
    playable_x_min,
    playable_y_min,
    playable_x_max,
    playable_y_max,
    start_locations,
    pathing_grid_bits_per_pixel,
    pathing_grid_width,
    pathing_grid_height,
    pathing_grid_pixels,
    terrain_height_bits_per_pixel,
    terrain_height_width,
    terrain_height_height,
    terrain_height_pixels,
    placement_grid_bits_per_pixel,
    placement_grid_width,
    placement_grid_height,
    placement_grid_pixels,
    game_differences

from raw.game_info
