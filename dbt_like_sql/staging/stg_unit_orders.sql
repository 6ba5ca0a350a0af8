-- Grain: one row per replay, observation, unit and order.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    unit_tag,
    api_tag,
    repeat_index,
    order_index,
    ability_id,
    ability,
    target_x,
    target_y,
    target_z,
    target_unit_tag,
    target_api_tag,
    progress

from raw.unit_orders
