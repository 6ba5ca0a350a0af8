-- Grain: one row per replay and build step that the game showed being made.
with

making as (

    select
        replay_id,
        unit_tag,
        game_loop,
        min(ability_id) as ability_id,
        max(progress) as progress

    from raw.unit_orders

    -- A reactor makes two things at a time; the first of them alone would be taken for the second.
    where order_index = 0 and progress > 0 and unit_tag is not null

    group by replay_id, unit_tag, game_loop

),

neighbours as (

    select
        *,
        lag(progress) over producer as last_progress,
        lag(ability_id) over producer as last_ability_id,
        lead(game_loop) over producer - game_loop as step_game_loops

    from making

    window producer as (partition by replay_id, unit_tag order by game_loop)

),

runs as (

    select *

    from neighbours

    where last_progress is null or progress < last_progress or ability_id != last_ability_id

)

select
    steps.replay_id,
    steps.step_index,
    greatest(
        runs.game_loop - runs.step_game_loops,
        runs.game_loop - round(runs.progress * coalesce(steps.build_game_loops, 0))
    )::integer as started_game_loop,
    runs.step_game_loops::integer as start_error_game_loops

from staging.stg_build_steps as steps

asof inner join runs
    on steps.replay_id = runs.replay_id
    and steps.producer_unit_tag = runs.unit_tag
    and steps.finished_game_loop > runs.game_loop

where steps.kind in ('unit', 'morph', 'upgrade')
    and not contains(coalesce(steps.producer_unit_type, ''), 'Egg')
    and runs.step_game_loops < steps.finished_game_loop - runs.game_loop
    -- The run must be this step's own: nothing else left the structure since.
    and not exists (
        select 1

        from staging.stg_build_steps as others

        where others.replay_id = steps.replay_id
            and others.producer_unit_tag = steps.producer_unit_tag
            and others.step_index != steps.step_index
            and others.finished_game_loop >= runs.game_loop
            and others.finished_game_loop <= steps.finished_game_loop
    )
