-- Severity: error
-- At a replay's last sample, the units counted as alive or in progress are those begun and not yet ended.
with

last_samples as (

    select replay_id, max(game_loop) as game_loop

    from marts.fct_economy_snapshots

    group by replay_id

),

counted as (

    select counts.replay_id, sum(counts.alive_count + counts.in_progress_count) as units

    from marts.fct_unit_count_runs as counts

    inner join last_samples
        on counts.replay_id = last_samples.replay_id and counts.until_game_loop > last_samples.game_loop

    group by counts.replay_id

),

standing as (

    select units.replay_id, count(*) as units

    from marts.fct_units as units

    inner join last_samples using (replay_id)

    where units.last_player_id > 0
        and units.category != 'dummy'
        and coalesce(units.finish_method, units.start_method) is not null
        and coalesce(if(units.start_method = 'init', units.started_game_loop, null), units.finished_game_loop)
        <= last_samples.game_loop
        and (units.ended_game_loop is null or units.ended_game_loop > last_samples.game_loop)

    group by units.replay_id

)

select coalesce(counted.replay_id, standing.replay_id) as replay_id, counted.units as counted, standing.units as standing

from counted

full outer join standing on counted.replay_id = standing.replay_id

where coalesce(counted.units, 0) != coalesce(standing.units, 0)
