-- Grain: one row per replay.
with

others as (

    select
        pairs.replay_id,
        bool_or(pairs.is_continued and not other.is_stopped) as is_outlived,
        max(other.played_at) filter (pairs.is_copy) as played_at,
        arg_min(
            other.replay_id,
            (-len(other.takeover_bytes), not coalesce(other.tracker_complete, false), -other.duration_game_loops, other.replay_id)
        ) filter (continued.is_continued) as continues_replay_id

    from intermediate.int_recording_pairs as pairs

    inner join intermediate.int_recordings as other on pairs.other_replay_id = other.replay_id

    -- The same pair, seen from the other file.
    inner join intermediate.int_recording_pairs as continued
        on pairs.other_replay_id = continued.replay_id and pairs.replay_id = continued.other_replay_id

    group by pairs.replay_id

),

recordings as (

    select
        recordings.replay_id,
        games.game_key,
        others.continues_replay_id,
        coalesce(others.is_outlived, false) or recordings.is_stopped as is_outlived,
        -- Clocks order continuations alone: those of copies differ by hours.
        if(
            bool_or(recordings.is_resumed) over (partition by games.game_key),
            greatest(recordings.played_at, others.played_at),
            null
        ) as played_at,
        coalesce(recordings.tracker_complete, false) as is_complete,
        recordings.duration_game_loops

    from intermediate.int_recordings as recordings

    inner join intermediate.int_games as games on recordings.replay_id = games.replay_id

    left join others on recordings.replay_id = others.replay_id

),

placed as (

    select
        recordings,
        row_number() over (
            partition by game_key
            order by is_outlived, played_at desc nulls last, is_complete desc, duration_game_loops desc, replay_id
        ) as place

    from recordings

),

rivals as (

    select
        recordings.game_key,
        any_value(recordings) filter (place = 1) as first,
        any_value(recordings) filter (place = 2) as second

    from placed

    group by recordings.game_key

),

measured as (

    select placed.recordings as own, place = 1 as is_canonical, if(place = 1, rivals.second, rivals.first) as rival

    from placed

    inner join rivals on placed.recordings.game_key = rivals.game_key

)

select
    own.replay_id,
    own.game_key,
    own.continues_replay_id,
    is_canonical,
    case
        when rival is null then 'alone'
        when own.is_outlived != rival.is_outlived then 'takeover'
        when own.played_at is distinct from rival.played_at then 'played_at'
        when own.is_complete != rival.is_complete then 'tracker_complete'
        when own.duration_game_loops != rival.duration_game_loops then 'duration_game_loops'
        else 'replay_id'
    end as canonical_by

from measured
