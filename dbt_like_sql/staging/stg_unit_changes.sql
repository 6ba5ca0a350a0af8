-- Grain: one row per replay, observed player, unit and sight that differs from the one before; one for the last.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    unit_tag,
    sight,
    previous_game_loop,
    if(player_id = 16, 0, player_id) as player_id,
    unit_type,
    x,
    y,
    build_progress,
    health,
    health_max,
    is_hallucination,
    is_inside

from raw.unit_changes
