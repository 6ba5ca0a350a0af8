-- Looks at: games
-- Explained in: truth.md#what-is-a-game
-- Holds: Of all recordings of a game exactly one counts, `marts.games` has it, and no other.
-- Why: Every rate is over the recordings that count.
-- Reading: A finding is a defect of ours: rates count a game twice or not at all. `rebuild_marts` in Dagster makes the marts anew.
with

recordings as (

    select game_key, min(replay_id) as replay_id, count(*) filter (is_canonical) as counted

    from marts.dim_replays

    group by game_key

),

listed as (

    select game_key, min(replay_id) as replay_id, count(*) as listed

    from marts.games

    group by game_key

)

select
    coalesce(recordings.replay_id, listed.replay_id) as replay_id,
    if(
        recordings.counted is distinct from 1 or listed.listed is distinct from 1,
        format('{} recordings count, {} rows in games', coalesce(recordings.counted, 0), coalesce(listed.listed, 0)),
        null
    ) as finding,
    false as is_explained

from recordings

full outer join listed on recordings.game_key = listed.game_key
