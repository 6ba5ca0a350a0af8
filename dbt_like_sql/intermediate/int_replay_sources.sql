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

extracted as (

    select
        replays.replay_id,
        bool_or(replays.source = 'tracker') as has_tracker,
        bool_or(replays.source = 'sc2') as has_sc2,
        -- With --until, or without unit rows, the game's rows are not all there is.
        bool_or(
            replays.source = 'sc2'
            and with_units.replay_id is not null
            and coalesce(endings.last_game_loop >= replays.duration_game_loops - game_loops(10), false)
        ) as is_sc2_complete

    from staging.stg_replays as replays

    left join endings on replays.replay_id = endings.replay_id

    left join with_units on replays.replay_id = with_units.replay_id

    group by replays.replay_id

)

select
    replay_id,
    if(is_sc2_complete or not has_tracker, 'sc2', 'tracker') as source,
    has_tracker,
    has_sc2,
    is_sc2_complete

from extracted
