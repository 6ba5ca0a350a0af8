-- Grain: one row per replay, observation, unit and buff.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    unit_tag,
    api_tag,
    repeat_index,
    buff_index,
    buff_id,
    buff

from raw.unit_buffs
