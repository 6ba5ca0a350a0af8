-- Grain: one row per replay that both sources tell of, player (NULL for the whole replay) and statistic.
with

sided as (

    select units.*

    from intermediate.int_compared_units as units

    left join staging.stg_known_unit_types as types on units.first_unit_type = types.unit_type

    -- Markers of the map editor are no units to the game.
    where coalesce(types.category, '') != 'dummy'

),

units as (

    select
        replay_id, first_player_id as player_id, 'units_born' as statistic, 'units' as unit,
        1 as sample_count,
        count(*) filter (source = 'tracker')::double as tracker_value,
        count(*) filter (source = 'sc2')::double as engine_value,
        -- What lives and dies between two observations is not seen.
        greatest(5, 0.03 * count(*) filter (source = 'tracker')) as tolerance

    from sided

    where is_born and first_player_id > 0

    group by replay_id, first_player_id

    union all

    select
        replay_id, last_player_id, 'units_died', 'units', 1,
        count(*) filter (source = 'tracker'),
        count(*) filter (source = 'sc2'),
        greatest(5, 0.03 * count(*) filter (source = 'tracker'))

    from sided

    where is_dead and last_player_id > 0

    group by replay_id, last_player_id

),

counts as (

    select *, abs(engine_value - tracker_value) as largest_difference from units

),

sampled as (

    select
        replay_id, player_id, count(*) as samples,
        avg(tracker_supply_used) as tracker_supply, avg(engine_supply_used) as engine_supply,
        max(abs(engine_supply_used - tracker_supply_used)) as supply_difference,
        avg(tracker_minerals) as tracker_minerals, avg(engine_minerals) as engine_minerals,
        max(abs(engine_minerals - tracker_minerals)) as minerals_difference,
        avg(tracker_vespene) as tracker_vespene, avg(engine_vespene) as engine_vespene,
        max(abs(engine_vespene - tracker_vespene)) as vespene_difference,
        avg(tracker_worker_count) as tracker_workers, avg(engine_worker_count) as engine_workers,
        max(abs(engine_worker_count - tracker_worker_count)) as workers_difference

    from intermediate.int_compared_samples

    group by replay_id, player_id

),

samples as (

    select
        replay_id, player_id, 'supply_used' as statistic, 'supply' as unit, samples as sample_count,
        tracker_supply as tracker_value, engine_supply as engine_value, 1.0 as tolerance,
        supply_difference as largest_difference

    from sampled

    union all

    select
        replay_id, player_id, 'minerals', 'minerals', samples, tracker_minerals, engine_minerals, 10.0,
        minerals_difference

    from sampled

    union all

    select
        replay_id, player_id, 'vespene', 'vespene', samples, tracker_vespene, engine_vespene, 10.0, vespene_difference

    from sampled

    union all

    select
        replay_id, player_id, 'worker_count', 'workers', samples, tracker_workers, engine_workers, 1.0,
        workers_difference

    from sampled

),

durations as (

    select
        replays.replay_id, null::smallint as player_id, 'duration' as statistic, 'game loops' as unit,
        1 as sample_count,
        any_value(replays.duration_game_loops)::double as tracker_value,
        max(snapshots.game_loop)::double as engine_value,
        224.0 as tolerance,
        abs(max(snapshots.game_loop) - any_value(replays.duration_game_loops)) as largest_difference

    from staging.stg_replays as replays

    inner join staging.stg_player_snapshots as snapshots on replays.replay_id = snapshots.replay_id

    group by replays.replay_id

),

winners as (

    select
        players.replay_id, players.player_id, 'is_winner' as statistic, 'victories' as unit,
        1 as sample_count,
        (players.result = 'victory')::integer::double as tracker_value,
        (results.result = 'victory')::integer::double as engine_value,
        0.0 as tolerance,
        abs((results.result = 'victory')::integer - (players.result = 'victory')::integer) as largest_difference

    from staging.stg_replay_players as players

    inner join raw.player_results as results
        on players.replay_id = results.replay_id and players.player_id = results.player_id
        and results.player_id = results.pass_player_id

    where players.result is not null and results.result is not null

),

compared as (

    select * from counts
    union all
    select * from samples
    union all
    select * from durations
    union all
    select * from winners

)

select
    compared.replay_id,
    compared.player_id,
    compared.statistic,
    compared.unit,
    compared.sample_count,
    compared.tracker_value,
    compared.engine_value,
    compared.engine_value - compared.tracker_value as difference,
    compared.largest_difference,
    compared.tolerance,
    abs(compared.engine_value - compared.tracker_value) <= compared.tolerance as is_within_tolerance

from compared

inner join intermediate.int_replay_sources as sources on compared.replay_id = sources.replay_id

where sources.has_tracker and sources.is_sc2_complete
