-- Severity: warn
-- Workers folded from births and deaths are as many as the game itself counts, give or take five (drones inside
-- cancelled or unfinished structures). Arcade maps have workers of their own; a cut stream lacks events.
with

folded as (

    select counts.replay_id, counts.player_id, counts.game_loop, sum(counts.alive_count) as workers

    from marts.fct_unit_counts as counts

    inner join staging.stg_known_unit_types as types on counts.unit_type = types.unit_type

    where types.is_worker

    group by counts.replay_id, counts.player_id, counts.game_loop

)

select folded.replay_id, folded.player_id, folded.game_loop, folded.workers, snapshots.worker_count

from folded

inner join marts.fct_economy_snapshots as snapshots using (replay_id, player_id, game_loop)

where abs(folded.workers - snapshots.worker_count) > 5
