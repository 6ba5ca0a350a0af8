-- Grain: one row per replay.
with

takeovers as (

    select
        replay_id,
        list(byte_offset order by takeover_index) as takeover_bytes,
        arg_max(game_loop, takeover_index) as resumed_at_game_loop

    from raw.takeovers

    group by replay_id

)

select
    replays.replay_id,
    case
        when replays.game_events_family is not null then 'game_events'
        when replays.tracker_family is not null then 'tracker_events'
        else 'alone'
    end as game_known_by,
    replays.game_key as family,
    replays.game_events_family,
    replays.game_events_bytes,
    replays.game_events_checksums,
    replays.tracker_family,
    replays.tracker_bytes,
    replays.tracker_checksums,
    coalesce(takeovers.takeover_bytes, []) as takeover_bytes,
    takeovers.resumed_at_game_loop,
    takeovers.replay_id is not null or coalesce(replays.first_game_loop > 0, false) as is_resumed,
    -- A recording that ends where it was taken over tells nothing of how the game went on.
    coalesce(replays.duration_game_loops <= takeovers.resumed_at_game_loop, false) as is_stopped,
    replays.first_game_loop,
    replays.duration_game_loops,
    replays.tracker_complete,
    replays.played_at

from staging.stg_replays as replays

left join takeovers on replays.replay_id = takeovers.replay_id
