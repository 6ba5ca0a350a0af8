-- Grain: one row per replay, observed player, observation and error.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    error_index,
    unit_tag,
    api_tag,
    ability_id,
    ability,
    result_id,
    result

from raw.action_errors
