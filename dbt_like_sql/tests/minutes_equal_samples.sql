-- Severity: error
-- Every economy snapshot is counted in exactly one minute.
with

minutes as (

    select replay_id, sum(sample_count) as samples

    from marts.fct_player_minutes

    group by replay_id

),

snapshots as (

    select replay_id, count(*) as samples

    from marts.fct_economy_snapshots

    group by replay_id

)

select snapshots.replay_id, snapshots.samples, minutes.samples as samples_in_minutes

from snapshots

left join minutes on snapshots.replay_id = minutes.replay_id

where snapshots.samples is distinct from minutes.samples
