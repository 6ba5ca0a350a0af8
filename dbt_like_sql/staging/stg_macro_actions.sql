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
