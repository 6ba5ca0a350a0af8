-- Grain: one row per replay, observed player, observation and kind of sight.
select
    layers.replay_id,
    layers.pass_player_id as player_id,
    layers.game_loop,
    layers.is_fogged,
    layers.source,
    game_seconds(layers.game_loop) as seconds,
    bit_count(layers.pixels::bit)::integer as creep_cells,
    bit_count(layers.pixels::bit) / nullif(layers.width::integer * layers.height, 0) as creep_share

from raw.map_layers as layers

where layers.layer = 'creep'
