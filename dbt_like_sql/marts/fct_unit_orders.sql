-- Grain: one row per replay, observation, unit and order.
select
    replay_id,
    unit_tag,
    game_loop,
    order_index,
    source,
    game_seconds(game_loop) as seconds,
    pass_player_id as player_id,
    ability_id,
    ability,
    target_x,
    target_y,
    target_unit_tag,
    progress,
    api_tag,
    repeat_index

from raw.unit_orders
