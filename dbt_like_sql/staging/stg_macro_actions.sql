-- Grain: one row per replay and action.
select
    replay_id,
    source,
    action_index,
    player_id,
    game_loop,
    kind,
    known_by,
    caster_unit_tag,
    target_unit_tag,
    target_unit_type,
    x,
    y

from raw.macro_actions

-- Both sources read the replay's own events, to the same rows: where both did, one's are taken.
where source = 'tracker'
    or not exists (
        select 1 from raw.macro_actions as others where others.replay_id = macro_actions.replay_id and others.source = 'tracker'
    )
