-- Grain: one row per dearest unit type of either army.
with

sides as (

    select
        players.replay_id,
        players.battle_number,
        players.player_id,
        players.composition_before[1].unit_type as army,
        players.resources_lost

    from marts.fct_battle_players as players

    inner join marts.fct_battles as battles using (replay_id, battle_number)

    where battles.kind = 'battle' and len(players.composition_before) > 0

)

select
    display_name(ours.army) as our_army,
    display_name(theirs.army) as their_army,
    count(*) as battles,
    sum(theirs.resources_lost)::integer as killed,
    sum(ours.resources_lost)::integer as lost,
    round(sum(theirs.resources_lost) / nullif(sum(ours.resources_lost), 0), 2) as trade_ratio

from sides as ours

inner join asked_players as games
    on ours.replay_id = games.replay_id and ours.player_id = games.player_id

inner join sides as theirs
    on ours.replay_id = theirs.replay_id
    and ours.battle_number = theirs.battle_number
    and games.opponent_player_id = theirs.player_id
    -- Of equals, one side's gain is the other's loss.
    and ours.army != theirs.army

group by ours.army, theirs.army

having count(*) >= $min_battles

order by battles desc, our_army, their_army
