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

-- Both sources read the replay's own events, to the same rows: where both did, one's are taken.
where source = 'tracker'
    or not exists (
        select 1 from raw.user_minutes as others where others.replay_id = user_minutes.replay_id and others.source = 'tracker'
    )
