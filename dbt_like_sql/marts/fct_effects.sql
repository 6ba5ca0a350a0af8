-- Grain: one row per replay, observation, effect and place of it.
select
    replay_id,
    game_loop,
    pass_player_id,
    effect_index,
    position_index,
    source,
    game_seconds(game_loop) as seconds,
    effect_id,
    effect,
    player_id,
    radius,
    x,
    y

from staging.stg_effects
