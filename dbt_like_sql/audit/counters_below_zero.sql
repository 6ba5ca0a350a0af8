-- Looks at: players with statistics, of all recordings
-- Explained in: definitions.md#measures
-- Holds: No counter of resources is below zero.
-- Why: The client breaks some of its own counters, and a negative army makes averages and models wrong.
-- Reading: Explained: the client wrote it, and the columns of samples that keep its words are below zero. Else a measure that is made of
--   them is.
with

samples as (

    select
        replay_id,
        player_id,
        min(army_value) as least_army_value,
        min(least(
            minerals, vespene, minerals_per_minute, vespene_per_minute, worker_count,
            minerals_used_current_army, minerals_used_current_economy, minerals_used_current_technology,
            minerals_lost_army, minerals_lost_economy, minerals_lost_technology,
            minerals_killed_army, minerals_killed_economy, minerals_killed_technology
        )) as least_value

    from marts.fct_economy_snapshots

    group by replay_id, player_id

),

measures as (

    select replay_id, player_id, 'fct_economy_snapshots.army_value' as measure, least_army_value as value

    from samples

    union all

    select replay_id, player_id, 'fct_player_minutes', least(avg_unspent, avg_minerals_per_minute, avg_worker_count, avg_army_value)

    from marts.fct_player_minutes

    union all

    select replay_id, player_id, 'int_state_vectors', least(army_value, opponent_army_value, resources_lost_army, resources_lost_economy)

    from intermediate.int_state_vectors

    union all

    select
        replay_id,
        player_id,
        'player_game_summary',
        least(average_income, average_unspent, resources_lost_army, resources_lost_economy, resources_lost_technology)

    from marts.player_game_summary

),

broken as (

    select replay_id, player_id, min(measure) as measure, min(value) as value

    from measures

    where value < 0

    group by replay_id, player_id

)

select
    samples.replay_id,
    coalesce(
        format('player {} has {} in {}', samples.player_id, broken.value, broken.measure),
        if(samples.least_value < 0, format('player {} has {} in the client''s samples', samples.player_id, samples.least_value), null)
    ) as finding,
    broken.value is null as is_explained

from samples

left join broken on samples.replay_id = broken.replay_id and samples.player_id = broken.player_id
