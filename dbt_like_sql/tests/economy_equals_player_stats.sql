-- Severity: error
-- Economy snapshots hold the samples of the stream, the last of each game loop: as many, with the same sums.
with

last_samples as (

    select *

    from raw.player_stats

    anti join (select replay_id from intermediate.int_replay_sources where source = 'sc2') using (replay_id)

    qualify event_index = max(event_index) over (partition by replay_id, player_id, game_loop)

),

raw_sums as (

    select
        replay_id,
        count(*) as samples,
        sum(minerals_current + vespene_current) as unspent,
        sum(workers_active_count) as workers,
        sum(minerals_lost_army + vespene_lost_economy) as lost

    from last_samples

    group by replay_id

),

mart_sums as (

    select
        replay_id,
        count(*) as samples,
        sum(unspent) as unspent,
        sum(worker_count) as workers,
        sum(minerals_lost_army + vespene_lost_economy) as lost

    from marts.fct_economy_snapshots

    where source = 'tracker'

    group by replay_id

)

select coalesce(raw_sums.replay_id, mart_sums.replay_id) as replay_id

from raw_sums

full outer join mart_sums on raw_sums.replay_id = mart_sums.replay_id

where (raw_sums.samples, raw_sums.unspent, raw_sums.workers, raw_sums.lost)
    is distinct from (mart_sums.samples, mart_sums.unspent, mart_sums.workers, mart_sums.lost)
