-- Looks at: recordings
-- Explained in: truth.md#resumed-games
-- Holds: A recording that was resumed from a replay is marked, with its takeover, and belongs to the game it goes on from.
-- Why: It tells nothing of how a game begins, and may reverse a result.
-- Reading: Explained: it is such a recording, and stays out of what a beginning tells. Else the marks contradict one another: a
--   takeover after the recording's end or without the mark, or an original that is of another game.
select
    replays.replay_id,
    case
        when replays.is_resumed is distinct from (replays.resumed_at_game_loop is not null or coalesce(replays.first_game_loop > 0, false))
            then format('is_resumed is {}, against its own evidence', replays.is_resumed)
        when replays.continues_replay_id is not null and originals.game_key is distinct from replays.game_key
            then format('continues {}, which is of another game', replays.continues_replay_id)
        when replays.is_resumed
            then coalesce(
                format('was resumed at game loop {}', replays.resumed_at_game_loop),
                format('begins at game loop {}', replays.first_game_loop)
            )
    end as finding,
    replays.is_resumed is not distinct from (replays.resumed_at_game_loop is not null or coalesce(replays.first_game_loop > 0, false))
    and (replays.continues_replay_id is null or originals.game_key is not distinct from replays.game_key) as is_explained

from marts.dim_replays as replays

left join marts.dim_replays as originals on replays.continues_replay_id = originals.replay_id
