-- Looks at: recordings that are not the only one of their game
-- Explained in: truth.md#resumed-games
-- Holds: Recordings of one game have the same accounts and the same seed, and good evidence.
-- Why: Two games that are taken for one lose a result. Seed and accounts do not decide, so they are a check from outside.
-- Reading: Explained: the game was resumed, for whoever takes it up may be somebody else; or people, seed and build agree, and it is
--   only that a short game, or one without game events, is known by its tracker stream. Else different games may be merged.
with

accounts as (

    select replay_id, list_sort(list(toon_handle) filter (toon_handle is not null)) as accounts

    from marts.fct_replay_players

    group by replay_id

),

recordings as (

    select
        replays.replay_id,
        replays.game_key,
        replays.random_seed,
        replays.is_resumed,
        replays.is_canonical,
        accounts.accounts,
        evidence.game_known_by != 'game_events' or is_short_stream(evidence.game_events_bytes) as is_weak

    from marts.dim_replays as replays

    inner join intermediate.int_recordings as evidence on replays.replay_id = evidence.replay_id

    left join accounts on replays.replay_id = accounts.replay_id

),

compared as (

    select
        others.replay_id,
        others.is_weak or counted.is_weak as is_weak,
        others.is_resumed or counted.is_resumed as is_resumed,
        others.random_seed != counted.random_seed as differs_in_seed,
        len(list_intersect(others.accounts, counted.accounts)) < least(len(others.accounts), len(counted.accounts))
            as differs_in_accounts

    from recordings as others

    inner join recordings as counted on others.game_key = counted.game_key and counted.is_canonical

    where not others.is_canonical

)

select
    replay_id,
    case
        when differs_in_seed then 'has another seed than the recording that counts'
        when differs_in_accounts then 'has other accounts than the recording that counts'
        when is_resumed then 'is of a resumed game, of which another recording counts'
        when is_weak then 'is of its game by its tracker stream alone'
    end as finding,
    case
        when differs_in_seed or differs_in_accounts then is_resumed
        else true
    end as is_explained

from compared
