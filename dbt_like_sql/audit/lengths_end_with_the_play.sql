-- Looks at: counted games with statistics of players
-- Explained in: definitions.md
-- Holds: A game is no longer than its players' statistics by more than a minute.
-- Why: A recording may go on after everybody has left, and an idle lobby is no long game.
-- Reading: Explained: the stream has no statistics behind a fault in it, though the game went on. Else the length is the recording's, not
--   the game's.
select
    games.replay_id,
    if(
        games.duration_game_loops - max(samples.game_loop) > game_loops(60),
        format('is {} long, and its last statistics are of {}', clock(games.duration_game_loops), clock(max(samples.game_loop))),
        null
    ) as finding,
    not coalesce(replays.tracker_complete, true) as is_explained

from marts.games

inner join marts.dim_replays as replays on games.replay_id = replays.replay_id

inner join marts.fct_economy_snapshots as samples on games.replay_id = samples.replay_id

group by games.replay_id, games.duration_game_loops, replays.tracker_complete
