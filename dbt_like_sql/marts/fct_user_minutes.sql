-- Grain: one row per replay, person and minute in which the person did something.
select
    minutes.replay_id,
    minutes.user_id,
    minutes.game_minute,
    minutes.source,
    minutes.player_id,
    minutes.command_count,
    minutes.camera_update_count,
    -- The last minute is seldom whole.
    minutes.command_count * game_loop_at(1)
    / least(game_loop_at(1), greatest(replays.duration_game_loops - game_loop_at(minutes.game_minute), 1)) as commands_per_minute

from raw.user_minutes as minutes

inner join staging.stg_replays as replays on minutes.replay_id = replays.replay_id
