-- Grain: one row per replay and build step, spawned ones included.
with

orders as (

    select
        steps.*,
        orders.started_game_loop as shown_game_loop,
        orders.start_error_game_loops as shown_error_game_loops,
        -- What the game showed is taken where the replay's own streams know less.
        coalesce(
            orders.start_error_game_loops < coalesce(steps.start_error_game_loops, 1 << 30)
            and steps.start_method in ('derived', 'bounded', 'unknown')
            and not steps.is_spawned,
            false
        ) as is_shown

    from staging.stg_build_steps as steps

    left join intermediate.int_order_starts as orders
        on steps.replay_id = orders.replay_id and steps.step_index = orders.step_index

)

select * exclude (shown_game_loop, shown_error_game_loops, is_shown) replace (
    if(is_shown, 'order', start_method) as start_method,
    if(is_shown, shown_game_loop, started_game_loop) as started_game_loop,
    if(is_shown, shown_error_game_loops, start_error_game_loops) as start_error_game_loops,
    if(is_shown, null, earliest_start_game_loop) as earliest_start_game_loop,
    if(is_shown, null, latest_start_game_loop) as latest_start_game_loop,
    if(is_shown, shown_game_loop, order_game_loop) as order_game_loop
)

from orders
