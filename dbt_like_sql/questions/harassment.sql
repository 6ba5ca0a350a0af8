-- Grain: one row per player and race.
select
    arg_max(games.name, (games.played_at, games.replay_id)) as name,
    games.race_actual,
    count(*) as raids,
    sum(theirs.workers_lost)::integer as workers_killed,
    sum(ours.resources_killed)::integer as killed,
    sum(ours.resources_lost)::integer as lost,
    round(sum(ours.resources_killed) / nullif(sum(ours.resources_lost), 0), 2) as trade_ratio

from marts.fct_battle_players as ours

inner join marts.fct_battles as battles using (replay_id, battle_number)

inner join asked_players as games
    on ours.replay_id = games.replay_id and ours.player_id = games.player_id

inner join marts.fct_battle_players as theirs
    on ours.replay_id = theirs.replay_id
    and ours.battle_number = theirs.battle_number
    and games.opponent_player_id = theirs.player_id

where battles.kind = 'harassment'
    and theirs.resources_lost_economy > ours.resources_lost_economy

group by games.player_key, games.race_actual

order by raids desc, killed desc, name
