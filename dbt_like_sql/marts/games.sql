-- Grain: one row per game, of the replay that stands for it.
select
    replays.game_key,
    replays.replay_id,
    replays.played_at,
    -- A moment's own cast to a date asks the session for its time zone.
    make_timestamp(epoch_us(replays.played_at))::date as played_on,
    lineups.players,
    lineups.races,
    lineups.ratings,
    lineups.winner,
    lineups.loser,
    replays.matchup,
    replays.game_mode,
    replays.is_vs_ai,
    replays.is_resumed,
    replays.map_key,
    replays.map_name,
    replays.map_version_key,
    replays.game_version,
    regexp_extract(replays.game_version, '^\d+\.\d+\.\d+') as patch,
    replays.base_build,
    replays.region,
    replays.duration_game_loops,
    replays.duration_seconds,
    replays.duration_seconds / 60 as duration_minutes,
    replays.file_name,
    replays.recording_seconds,
    replays.clock_speed

from marts.dim_replays as replays

left join intermediate.int_lineups as lineups using (replay_id)

where replays.is_canonical
