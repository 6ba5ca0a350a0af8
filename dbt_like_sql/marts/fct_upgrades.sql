-- Grain: one row per replay, player and upgrade completed.
select
    replay_id,
    player_id,
    step_number,
    source,
    item as upgrade,
    display_name,
    try_cast(nullif(regexp_extract(item, 'Level(\d)', 1), '') as integer) as level,
    start_method,
    started_game_loop,
    start_error_game_loops,
    earliest_start_game_loop,
    latest_start_game_loop,
    started_seconds,
    started_normal_seconds,
    finished_game_loop,
    finished_seconds,
    finished_normal_seconds,
    producer_unit_tag,
    producer_unit_type,
    is_chronoboosted,
    chrono_game_loops_saved

from marts.fct_build_orders

where kind = 'upgrade' and outcome = 'done'
