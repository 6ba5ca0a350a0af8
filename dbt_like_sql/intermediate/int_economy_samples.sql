-- Grain: one row per replay, player and sample.
with

-- The client's minute has other game loops in co-op and before 3.2: here, and nowhere else, it becomes one of all games.
-- The stream writes a player's last sample twice when a game ends as the player leaves: the later one stands.
tracker_samples as (

    select
        samples.* replace (
            round(minerals_collection_rate * game_loops(60) / rules.collection_rate_game_loops)::integer
                as minerals_collection_rate,
            round(vespene_collection_rate * game_loops(60) / rules.collection_rate_game_loops)::integer
                as vespene_collection_rate
        )

    from staging.stg_player_stats as samples

    inner join intermediate.int_replay_rules as rules on samples.replay_id = rules.replay_id

    anti join (select replay_id from intermediate.int_replay_sources where source = 'sc2') as engine
        on samples.replay_id = engine.replay_id

    qualify row_number() over (
        partition by samples.replay_id, samples.player_id, samples.game_loop order by samples.event_index desc
    ) = 1

),

engine_samples as (

    select
        replay_id,
        source,
        null as event_index,
        game_loop,
        player_id,
        minerals,
        vespene,
        minerals_per_minute,
        vespene_per_minute,
        worker_count,
        supply_used,
        supply_cap,
        null as minerals_used_in_progress_army,
        null as minerals_used_in_progress_economy,
        null as minerals_used_in_progress_technology,
        null as vespene_used_in_progress_army,
        null as vespene_used_in_progress_economy,
        null as vespene_used_in_progress_technology,
        minerals_used_current_army,
        minerals_used_current_economy,
        minerals_used_current_technology,
        vespene_used_current_army,
        vespene_used_current_economy,
        vespene_used_current_technology,
        minerals_lost_army,
        minerals_lost_economy,
        minerals_lost_technology,
        vespene_lost_army,
        vespene_lost_economy,
        vespene_lost_technology,
        minerals_killed_army,
        minerals_killed_economy,
        minerals_killed_technology,
        vespene_killed_army,
        vespene_killed_economy,
        vespene_killed_technology,
        minerals_friendly_fire_army,
        minerals_friendly_fire_economy,
        minerals_friendly_fire_technology,
        vespene_friendly_fire_army,
        vespene_friendly_fire_economy,
        vespene_friendly_fire_technology,
        null as minerals_used_active_forces,
        null as vespene_used_active_forces

    from staging.stg_player_snapshots

    semi join (select replay_id from intermediate.int_replay_sources where source = 'sc2') using (replay_id)

)

select * rename (minerals_collection_rate as minerals_per_minute, vespene_collection_rate as vespene_per_minute)

from tracker_samples

union all

select * from engine_samples
