-- Grain: one row per replay, observed player and player with a result.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    player_id,
    result

from raw.player_results
