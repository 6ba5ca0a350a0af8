-- Looks at: sides of games
-- Explained in: truth.md#who-won
-- Holds: Whoever plays together shares a result, and one side at most wins.
-- Why: A partner without a result loses a win; two winning sides give a game to both.
-- Reading: Explained: arcade maps give results by rules of their own. Else our own reading of the file contradicts itself.
with

sides as (

    select
        players.replay_id,
        players.side,
        any_value(replays.game_mode) as game_mode,
        count(distinct players.result) as results,
        bool_or(players.result = 'victory') as has_won

    from marts.fct_replay_players as players

    inner join marts.dim_replays as replays on players.replay_id = replays.replay_id

    where players.side is not null

    group by players.replay_id, players.side

)

select
    replay_id,
    case
        when results > 1 then format('{} results on one side', results)
        when has_won and count(*) filter (has_won) over (partition by replay_id) > 1 then 'two sides have won'
    end as finding,
    game_mode = 'arcade' as is_explained

from sides
