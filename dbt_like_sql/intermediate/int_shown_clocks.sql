-- Grain: one row per replay.
-- Screens count seconds of speed Normal before Legacy of the Void and in co-op, of speed Faster elsewhere.
select
    replays.replay_id,
    replays.is_coop or split_part(replays.game_version, '.', 1)::integer < 3 as shows_normal_seconds

from staging.stg_replays as replays
