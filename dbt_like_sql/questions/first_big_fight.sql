-- Grain: one row per step of the army ratio.
with

first_battles as (

    select replay_id, min(battle_number) as battle_number

    from marts.fct_battles

    where kind = 'battle'

    group by replay_id

),

ratios as (

    select
        games.is_winner,
        ours.army_value_before / nullif(theirs.army_value_before, 0) as ratio

    from first_battles

    inner join marts.fct_battle_players as ours using (replay_id, battle_number)

    inner join asked_players as games
        on ours.replay_id = games.replay_id and ours.player_id = games.player_id

    inner join marts.fct_battle_players as theirs
        on ours.replay_id = theirs.replay_id
        and ours.battle_number = theirs.battle_number
        and games.opponent_player_id = theirs.player_id

    where games.is_winner is not null

),

counts as (

    select
        case
            when ratio < 0.5 then '1: below 0.5'
            when ratio < 0.8 then '2: 0.5-0.8'
            when ratio < 1.25 then '3: 0.8-1.25'
            when ratio < 2 then '4: 1.25-2'
            else '5: 2 and more'
        end as army_ratio,
        count(*) as games,
        count(*) filter (is_winner) as wins,
        count(*) filter (is_winner) / count(*) as win_rate

    from ratios

    where ratio is not null

    group by army_ratio

)

select
    army_ratio,
    games,
    wins,
    round(win_rate, 3) as win_rate,
    round(wilson_low(wins, games), 3) as low,
    round(wilson_high(wins, games), 3) as high

from counts

order by army_ratio
