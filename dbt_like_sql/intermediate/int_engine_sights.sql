-- Grain: one row per replay the game ran, unit and sight that differs from the one before.
with

sights as (

    select
        changes.*,
        coalesce(changes.build_progress, 1) >= 1 as is_complete,
        row_number() over unit_life as sight_number,
        lag(changes.unit_type) over unit_life as unit_type_before,
        lag(changes.player_id) over unit_life as player_id_before,
        bool_or(coalesce(changes.build_progress, 1) >= 1) over (
            unit_life rows between unbounded preceding and 1 preceding
        ) as was_complete

    from staging.stg_unit_changes as changes

    where changes.sight != 'last'

    window unit_life as (
        partition by changes.replay_id, changes.unit_tag order by changes.game_loop, changes.sight desc
    )

)

select
    sights.replay_id,
    sights.unit_tag,
    sights.sight_number,
    sights.game_loop,
    coalesce(sights.previous_game_loop, -1) as previous_game_loop,
    sights.unit_type,
    sights.unit_type_before,
    sights.player_id,
    sights.player_id_before,
    sights.x,
    sights.y,
    sights.is_hallucination,
    sights.is_complete,
    coalesce(sights.was_complete, false) as was_complete,
    -- How much of it was built tells when it was begun, after the observation before.
    greatest(
        coalesce(sights.previous_game_loop, -1) + 1,
        least(
            sights.game_loop,
            sights.game_loop - round(sights.build_progress * coalesce(types.build_time_game_loops, 0))::integer
        )
    ) as begun_game_loop,
    types.build_time_game_loops

from sights

left join intermediate.int_replay_unit_types as types
    on sights.replay_id = types.replay_id and sights.unit_type = types.unit_type
