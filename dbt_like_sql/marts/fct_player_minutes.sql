-- Grain: one row per replay, player and minute of game time.
select
    replay_id,
    player_id,
    game_minute(game_loop) as game_minute,
    any_value(source) as source,
    count(*) as sample_count,
    avg(minerals) as avg_minerals,
    avg(vespene) as avg_vespene,
    avg(unspent) as avg_unspent,
    avg(minerals_per_minute) as avg_minerals_per_minute,
    avg(vespene_per_minute) as avg_vespene_per_minute,
    avg(worker_count) as avg_worker_count,
    max(worker_count) as max_worker_count,
    max(supply_used) as max_supply_used,
    max(supply_cap) as max_supply_cap,
    avg(army_value) as avg_army_value,
    max(army_value) as max_army_value,
    count(*) filter (is_supply_blocked) as supply_blocked_sample_count

from marts.fct_economy_snapshots

group by replay_id, player_id, game_minute(game_loop)
