-- Looks at: recordings
-- Explained in: truth.md#one-game-saved-many-times
-- Holds: What game a file is of is known by its game events.
-- Why: A file that is known by less may be a copy that we count as a game.
-- Reading: All are explained: such files are a game of their own, or compared by what they have. If many are, ask where they come from;
--   files whose streams an earlier release decoded, and that are gone, are among them.
select
    replays.replay_id,
    case
        when evidence.game_known_by = 'alone' then 'has no stream to compare, and is a game of its own'
        when evidence.game_known_by = 'tracker_events' then 'has no readable game events, and is compared by its tracker stream'
        when is_short_stream(evidence.game_events_bytes) then 'has few game events, which must be equal to the last byte'
    end as finding,
    true as is_explained

from marts.dim_replays as replays

inner join intermediate.int_recordings as evidence on replays.replay_id = evidence.replay_id
