-- Grain: one row per replay.
with

accounts as (

    select replay_id, region_of(toon_handle) as region from marts.fct_replay_players

),

-- Where two regions have equally many accounts, none is the replay's.
regions as (

    select replay_id, region

    from accounts

    where region is not null

    group by replay_id, region

    qualify rank() over (partition by replay_id order by count(*) desc) = 1
        and count(*) over (partition by replay_id, count(*)) = 1

)

select
    replays.replay_id,
    sources.source,
    replays.sha256,
    replays.file_name,
    replays.file_bytes,
    replays.base_build,
    replays.data_build,
    replays.data_version,
    replays.game_version,
    replays.map_version_key,
    replays.map_title,
    replays.map_hash,
    replays.played_at,
    replays.played_at - to_seconds(game_seconds(replays.duration_game_loops)) as started_at,
    lengths.duration_game_loops,
    game_seconds(lengths.duration_game_loops) as duration_seconds,
    normal_seconds(lengths.duration_game_loops) as duration_normal_seconds,
    replays.game_speed,
    replays.game_mode,
    replays.game_mode_known_by,
    matchups.matchup,
    replays.is_coop,
    replays.is_vs_ai,
    replays.is_matchmade,
    replays.is_competitive,
    replays.is_blizzard_map,
    replays.player_count,
    replays.observer_count,
    regions.region,
    standings.game_key,
    recordings.game_known_by,
    standings.is_canonical,
    standings.canonical_by,
    recordings.is_resumed,
    recordings.resumed_at_game_loop,
    recordings.first_game_loop,
    standings.continues_replay_id,
    replays.random_seed,
    replays.lobby_build,
    replays.player_join,
    replays.tracker_complete,
    replays.tracker_fault,
    replays.tracker_event_count,
    lengths.duration_known_by,
    lengths.recording_game_loops,
    game_seconds(lengths.recording_game_loops) as recording_seconds,
    if(clocks.shows_normal_seconds, 'normal', 'faster') as clock_speed,
    replays.game_events_complete,
    replays.game_events_fault,
    sources.sc2_covered_share

from staging.stg_replays as replays

inner join intermediate.int_replay_sources as sources on replays.replay_id = sources.replay_id

inner join intermediate.int_lengths as lengths on replays.replay_id = lengths.replay_id

inner join intermediate.int_shown_clocks as clocks on replays.replay_id = clocks.replay_id

inner join intermediate.int_recordings as recordings on replays.replay_id = recordings.replay_id

inner join intermediate.int_game_standings as standings on replays.replay_id = standings.replay_id

left join intermediate.int_matchups as matchups on replays.replay_id = matchups.replay_id

left join regions on replays.replay_id = regions.replay_id
