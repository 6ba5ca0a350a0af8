-- Grain: one row per minute and player.


select
    minutes.game_minute as minute,
    players.name,
    round(minutes.avg_minerals_per_minute) as minerals_per_minute,
    round(minutes.avg_vespene_per_minute) as vespene_per_minute,
    round(minutes.avg_unspent) as bank,
    minutes.max_worker_count as workers,
    minutes.max_supply_used as supply

from marts.fct_player_minutes as minutes

inner join marts.fct_replay_players as players using (replay_id, player_id)

where minutes.replay_id in (from asked_game)

order by minutes.game_minute, minutes.player_id
