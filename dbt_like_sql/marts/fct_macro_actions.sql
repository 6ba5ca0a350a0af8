-- Grain: one row per replay, player and action.
select
    replay_id,
    player_id,
    (row_number() over (partition by replay_id, player_id order by action_index))::integer as action_number,
    source,
    kind,
    known_by,
    game_loop,
    game_seconds(game_loop) as seconds,
    caster_unit_tag,
    target_unit_tag,
    target_unit_type,
    x,
    y

from raw.macro_actions
