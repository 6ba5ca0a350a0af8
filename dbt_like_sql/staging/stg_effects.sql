-- Grain: one row per replay, observation, effect and place of it (one with NULL where it has none).
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    is_fogged,
    effect_index,
    position_index,
    effect_id,
    effect,
    if(player_id = 16, 0, player_id) as player_id,
    alliance,
    radius,
    x,
    y

from raw.effects
