-- Grain: one row per replay and unit or structure that nobody paid for.
select
    replay_id,
    step_index,
    source,
    player_id,
    item as unit_type,
    display_name,
    order_game_loop as game_loop,
    game_seconds(order_game_loop) as seconds,
    outcome,
    unit_tag,
    producer_unit_tag,
    producer_unit_type,
    x,
    y

from staging.stg_build_steps

where is_spawned
