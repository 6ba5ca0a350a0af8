-- Grain: one row per replay and player with samples.
-- From 3.0 until 4.0 clients played both expansions: the workers at the start tell which.
with

first_samples as (

    select replay_id, player_id, arg_min(supply_used, event_index) as supply_used

    from staging.stg_player_stats

    group by replay_id, player_id

)

select
    samples.replay_id,
    samples.player_id,
    coalesce(
        arg_max(workers.mode, workers.value) filter (workers.value <= samples.supply_used),
        arg_min(workers.mode, workers.value)
    ) as expansion

from first_samples as samples

inner join intermediate.int_replay_moments as moments on samples.replay_id = moments.replay_id

inner join staging.stg_known_rules as workers
    on workers.subject = 'game'
    and workers.fact = 'start_workers'
    and workers.mode in ('hots', 'ladder')
    and is_reached(
        moments.base_build, moments.data_build, moments.played_on,
        workers.from_base_build, workers.from_data_build, workers.from_day
    )
    and not is_reached(
        moments.base_build, moments.data_build, moments.played_on,
        workers.to_base_build, workers.to_data_build, workers.to_day
    )

group by samples.replay_id, samples.player_id
