-- Looks at: pairs of counted recordings of one map, one seed and the same people
-- Explained in: truth.md#one-game-saved-many-times
-- Holds: What looks like one game is held apart only where the events of both files say so.
-- Why: A game that is counted twice moves every rate. Names, maps and seeds do not decide what a game is; they show where to look.
-- Reading: Explained: both files have game events long enough to tell them apart, as two games of bots with one seed have. Else
--   one of the two is known by less, and they may be one game: compare the files, and `game_known_by`.
with

people as (

    select replay_id, list_sort(list(coalesce(toon_handle, name))) as people

    from marts.fct_replay_players

    group by replay_id

),

recordings as (

    select
        replays.replay_id,
        replays.map_key,
        replays.random_seed,
        people.people,
        evidence.game_known_by = 'game_events' and not is_short_stream(evidence.game_events_bytes) as is_well_known

    from marts.dim_replays as replays

    inner join intermediate.int_recordings as evidence on replays.replay_id = evidence.replay_id

    inner join people on replays.replay_id = people.replay_id

    where replays.is_canonical and replays.random_seed is not null

)

select
    one.replay_id,
    format('is like {}, which counts as another game', other.replay_id) as finding,
    one.is_well_known and other.is_well_known as is_explained

from recordings as one

inner join recordings as other using (random_seed, map_key, people)

where one.replay_id < other.replay_id
