-- Looks at: counted 1v1s
-- Explained in: truth.md#who-won
-- Holds: A 1v1 has one winner and one loser.
-- Why: Win rates count winners over games: a game with two or none is a wrong share.
-- Reading: Explained: nobody has a result, because the recording ended first or names two winners, and no rate counts the game. Else
--   the results contradict each other.
with

results as (

    select
        games.replay_id,
        count(*) filter (players.result = 'victory') as winners,
        count(*) filter (players.result = 'defeat') as losers,
        count(players.is_winner) as decided

    from marts.games

    inner join marts.fct_replay_players as players on games.replay_id = players.replay_id

    where games.game_mode = '1v1'

    group by games.replay_id

)

select
    replay_id,
    if(winners != 1 or losers != 1, format('{} winners and {} losers', winners, losers), null) as finding,
    winners = 0 and losers = 0 and decided = 0 as is_explained

from results
