-- Grain: one row per replay, observation, effect and place of it.
select
    replay_id,
    game_loop,
    pass_player_id,
    effect_index,
    position_index,
    source,
    game_loop * 5::bigint / 112 as seconds,
    effect_id,
    effect,
    player_id,
    radius,
    x,
    y

from staging.stg_effects
