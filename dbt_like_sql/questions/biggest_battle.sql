-- Grain: one row per game and player in its biggest fight.
select
    battles.replay_id,
    games.game,
    clock(battles.started_game_loop) as clock,
    round(battles.duration_seconds, 1) as seconds,
    battles.kind,
    games.name,
    sides.army_value_before as army_before,
    sides.resources_lost_army as army_lost,
    sides.workers_lost,
    sides.resources_lost,
    round(sides.trade_ratio, 2) as trade_ratio,
    sides.is_battle_winner

from marts.fct_battles as battles

inner join marts.fct_battle_players as sides using (replay_id, battle_number)

inner join asked_players as games using (replay_id, player_id)

where battles.size_rank = 1

order by battles.resources_lost desc, battles.replay_id, sides.player_id
