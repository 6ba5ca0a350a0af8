-- Grain: one row per replay, pass, observation and layer.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    is_fogged,
    layer,
    bits_per_pixel,
    width,
    height,
    pixels

from raw.map_layers
