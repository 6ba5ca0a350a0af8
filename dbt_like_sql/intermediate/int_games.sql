-- Grain: one row per replay.
with

candidates as (

    select recordings, recordings.replay_id as of_replay_id

    from intermediate.int_recordings as recordings

    union all

    select recordings, pairs.replay_id as of_replay_id

    from intermediate.int_recording_pairs as pairs

    inner join intermediate.int_recordings as recordings on pairs.other_replay_id = recordings.replay_id

),

longest as (

    select
        of_replay_id as replay_id,
        arg_max(
            recordings.replay_id,
            (
                recordings.game_events_family is not null,
                coalesce(recordings.game_events_bytes, 0),
                coalesce(recordings.tracker_bytes, 0),
                recordings.replay_id
            )
        ) as longest_replay_id

    from candidates

    group by of_replay_id

),

games as (

    -- Twice: a file without game events finds one that has them, and that one the longest of all.
    select nearest.replay_id, farthest.longest_replay_id

    from longest as nearest

    inner join longest as farthest on nearest.longest_replay_id = farthest.replay_id

),

named as (

    select
        games.replay_id,
        games.longest_replay_id,
        longest.family

    from games

    inner join intermediate.int_recordings as longest on games.longest_replay_id = longest.replay_id

),

branches as (

    select family, count(distinct longest_replay_id) as games

    from named

    group by family

)

select
    named.replay_id,
    if(branches.games > 1, left(md5(named.family || named.longest_replay_id), 16), named.family) as game_key

from named

inner join branches on named.family = branches.family
