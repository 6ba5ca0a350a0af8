-- Grain: one row per replay, observed player, observation and ability.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    available_index,
    ability_id,
    ability,
    requires_point

from raw.available_abilities
