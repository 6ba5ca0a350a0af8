-- Grain: one row per replay.
select
    replays.* exclude (
        map_version_key, map_title, map_hash, duration_known_by, recording_game_loops, recording_seconds, clock_speed,
        game_events_complete, game_events_fault, sc2_covered_share
    ),
    maps.map_key,
    maps.map_name,
    replays.map_version_key,
    replays.map_title,
    replays.map_hash,
    replays.duration_known_by,
    replays.recording_game_loops,
    replays.recording_seconds,
    replays.clock_speed,
    replays.game_events_complete,
    replays.game_events_fault,
    replays.sc2_covered_share

from intermediate.int_replays as replays

left join marts.dim_map_versions as maps using (map_version_key)
