-- Grain: one row per replay, player and step.
with

steps as (

    select
        *,
        row_number() over (partition by replay_id, player_id order by order_game_loop, step_index) as step_number

    from intermediate.int_step_starts

    where not is_spawned

),

shown as (

    select steps.*, clocks.shows_normal_seconds

    from steps

    inner join intermediate.int_shown_clocks as clocks using (replay_id)

)

select
    shown.replay_id,
    shown.player_id,
    shown.step_number::integer as step_number,
    shown.source,
    shown.kind,
    shown.item,
    shown.display_name,
    shown.unit_count,
    shown.outcome,
    shown.outcome = 'cancelled' as is_cancelled,
    shown.start_method,
    shown.started_game_loop,
    shown.start_error_game_loops,
    shown.earliest_start_game_loop,
    shown.latest_start_game_loop,
    game_seconds(shown.started_game_loop) as started_seconds,
    normal_seconds(shown.started_game_loop) as started_normal_seconds,
    shown.finished_game_loop,
    game_seconds(shown.finished_game_loop) as finished_seconds,
    normal_seconds(shown.finished_game_loop) as finished_normal_seconds,
    shown.ended_game_loop,
    clock(shown.order_game_loop, shown.shows_normal_seconds) as clock,
    if(shown.shows_normal_seconds, 'normal', 'faster') as clock_speed,
    shown.supply_used,
    shown.supply_cap,
    shown.is_worker,
    shown.is_chronoboosted,
    shown.chrono_game_loops_saved,
    shown.unit_tag,
    shown.producer_unit_tag,
    shown.producer_unit_type,
    shown.x,
    shown.y,
    places.clock_position,
    places.cells_from_start,
    places.cells_from_enemy < places.cells_from_start as is_proxy,
    shown.build_game_loops

from shown

left join intermediate.int_step_places as places
    on shown.replay_id = places.replay_id and shown.step_index = places.step_index
