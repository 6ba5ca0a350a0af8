-- Grain: one row per replay.
with

endings as (

    select replay_id, max(game_loop) as last_game_loop

    from staging.stg_player_snapshots

    group by replay_id

),

with_units as (

    select distinct replay_id

    from staging.stg_unit_changes

),

observed as (

    select distinct replay_id

    from raw.game_info

),

extracted as (

    select
        replays.replay_id,
        coalesce(replays.tracker_event_count > 0, false) as has_tracker,
        observed.replay_id is not null as has_sc2,
        -- With --until, or without unit rows, the game's rows are not all there is.
        observed.replay_id is not null
        and with_units.replay_id is not null
        and coalesce(endings.last_game_loop >= replays.duration_game_loops - game_loops(10), false) as is_sc2_complete

    from staging.stg_replays as replays

    left join observed on replays.replay_id = observed.replay_id

    left join endings on replays.replay_id = endings.replay_id

    left join with_units on replays.replay_id = with_units.replay_id

)

select
    replay_id,
    if(is_sc2_complete or (has_sc2 and not has_tracker), 'sc2', 'tracker') as source,
    has_tracker,
    has_sc2,
    is_sc2_complete

from extracted
