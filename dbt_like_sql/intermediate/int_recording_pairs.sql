-- Grain: one row per replay and other replay of the same game.
with

alike as (

    select one, other

    from intermediate.int_recordings as one

    inner join intermediate.int_recordings as other on one.game_events_family = other.game_events_family

    union all

    select one, other

    from intermediate.int_recordings as one

    inner join intermediate.int_recordings as other on one.tracker_family = other.tracker_family

    where one.game_events_family is null or other.game_events_family is null

),

takeovers as (

    select
        one,
        other,
        len(list_intersect(one.takeover_bytes, other.takeover_bytes)) as shared

    from alike

    where one.replay_id != other.replay_id

),

ends as (

    select
        one,
        other,
        shared,
        -- NULL where neither has a takeover that the other has not.
        least(one.takeover_bytes[shared + 1], other.takeover_bytes[shared + 1]) as apart_at,
        least(one.game_events_bytes, other.game_events_bytes) as both_bytes,
        least(one.tracker_bytes, other.tracker_bytes) as both_tracker_bytes

    from takeovers

),

compared as (

    select
        one,
        other,
        apart_at,
        one.game_events_family is null or other.game_events_family is null or is_short_stream(both_bytes)
            as is_for_the_tracker,
        have_same_events(one.game_events_checksums, other.game_events_checksums, least(both_bytes, apart_at))
            as are_same_events,
        shared > 0
        and have_same_events(one.game_events_checksums, other.game_events_checksums, one.takeover_bytes[shared])
            as are_same_continuation,
        have_same_tracker(one.tracker_checksums, other.tracker_checksums, both_tracker_bytes) as are_same_tracker,
        len(one.takeover_bytes) = shared as is_first

    from ends

)

select
    one.replay_id,
    other.replay_id as other_replay_id,
    apart_at is null and if(is_for_the_tracker, true, are_same_events) as is_copy,
    coalesce(apart_at is not null and are_same_events and is_first, false) as is_continued

from compared

where if(is_for_the_tracker, coalesce(are_same_tracker, true), are_same_events or are_same_continuation)
