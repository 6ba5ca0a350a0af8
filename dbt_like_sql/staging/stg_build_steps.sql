-- Grain: one row per replay and step.
select
    replay_id,
    source,
    step_index,
    player_id,
    kind,
    kind = 'spawned' as is_spawned,
    item,
    display_name,
    unit_count,
    outcome,
    start_method,
    start_game_loop,
    start_error_game_loops,
    earliest_start_game_loop,
    latest_start_game_loop,
    coalesce(start_game_loop, finish_game_loop, end_game_loop) as order_game_loop,
    finish_game_loop,
    end_game_loop,
    unit_tag,
    producer_unit_tag,
    producer_unit_type,
    is_worker,
    is_chronoboosted,
    chrono_game_loops_saved,
    supply_used,
    supply_cap,
    x,
    y,
    build_game_loops,
    build_time_origin

from raw.build_steps

-- Both sources read the replay's own events, to the same rows: where both did, one's are taken.
where source = 'tracker'
    or not exists (
        select 1 from raw.build_steps as others where others.replay_id = build_steps.replay_id and others.source = 'tracker'
    )
