-- Grain: one row per difference in upgrades.
with

sides as (

    select
        players.replay_id,
        players.battle_number,
        players.player_id,
        players.is_battle_winner,
        players.resources_lost,
        len(list_filter(players.upgrades_before, lambda upgrade: regexp_matches(upgrade, 'Level[123]$'))) as levels

    from marts.fct_battle_players as players

    inner join marts.fct_battles as battles using (replay_id, battle_number)

    where battles.kind = 'battle' and battles.winner_side is not null

)

select
    greatest(-3, least(3, ours.levels - theirs.levels)) as more_upgrades,
    count(*) as battles,
    round(count(*) filter (ours.is_battle_winner) / count(*), 3) as won_share,
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

group by greatest(-3, least(3, ours.levels - theirs.levels))

order by more_upgrades
