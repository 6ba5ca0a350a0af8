-- Grain: one row per replay, player, observation and action.
with

-- The game refuses in the observation that shows the action, or in the next.
refusals as (

    select replay_id, pass_player_id, game_loop, ability_id, list_sort(list(distinct result)) as refusals

    from raw.action_errors

    group by replay_id, pass_player_id, game_loop, ability_id

)

select
    actions.replay_id,
    actions.pass_player_id as player_id,
    actions.game_loop,
    actions.action_index,
    actions.source,
    coalesce(actions.action_game_loop, actions.game_loop) as action_game_loop,
    game_seconds(coalesce(actions.action_game_loop, actions.game_loop)) as seconds,
    actions.kind,
    actions.ability_id,
    actions.ability,
    actions.is_queued,
    actions.unit_tags,
    actions.target_unit_tag,
    actions.target_x,
    actions.target_y,
    actions.camera_x,
    actions.camera_y,
    actions.control_group_action,
    actions.control_group,
    refusals.refusals[1] as result,
    coalesce(refusals.refusals, []) as results

from raw.actions as actions

left join refusals
    on actions.replay_id = refusals.replay_id
    and actions.pass_player_id = refusals.pass_player_id
    and actions.game_loop = refusals.game_loop
    and actions.ability_id = refusals.ability_id
