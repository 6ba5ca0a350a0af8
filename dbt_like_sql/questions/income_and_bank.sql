-- Grain: one row per minute and player.
with

game as (

    select replay_id

    from marts.dim_replays

    where $replay::text is null or replay_id = $replay

    order by game_mode = '1v1' desc, played_at desc nulls last, replay_id

    limit 1

)

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

where minutes.replay_id in (from game)

order by minutes.game_minute, minutes.player_id
