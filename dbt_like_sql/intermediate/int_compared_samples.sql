-- Grain: one row per replay that both sources tell of, player and sample of the tracker that the game was observed at.
select
    tracker.replay_id,
    tracker.player_id,
    tracker.game_loop,
    tracker.supply_used as tracker_supply_used,
    engine.supply_used as engine_supply_used,
    tracker.minerals as tracker_minerals,
    engine.minerals as engine_minerals,
    tracker.vespene as tracker_vespene,
    engine.vespene as engine_vespene,
    tracker.worker_count as tracker_worker_count,
    engine.worker_count as engine_worker_count

from staging.stg_player_stats as tracker

inner join staging.stg_player_snapshots as engine
    on tracker.replay_id = engine.replay_id
    and tracker.player_id = engine.player_id
    and tracker.game_loop = engine.game_loop
