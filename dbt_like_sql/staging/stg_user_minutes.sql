-- Grain: one row per replay, person and minute in which the person did something.
select
    replay_id,
    source,
    user_id,
    player_id,
    game_minute,
    command_count,
    camera_update_count

from raw.user_minutes
