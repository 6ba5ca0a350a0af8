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

-- Whose a unit was then; arcade maps give units away later too.
owners as (

    select
        events.replay_id,
        events.unit_tag,
        arg_max(events.player_id, events.event_index) filter (events.player_id is not null) as player_id

    from intermediate.int_unit_events as events

    inner join marts.fct_units as units
        on events.replay_id = units.replay_id and events.unit_tag = units.unit_tag and units.owner_change_count > 0

    inner join last_samples
        on events.replay_id = last_samples.replay_id and events.game_loop <= last_samples.game_loop

    group by events.replay_id, events.unit_tag

),

standing as (

    select units.replay_id, count(*) as units

    from marts.fct_units as units

    inner join last_samples using (replay_id)

    left join owners on units.replay_id = owners.replay_id and units.unit_tag = owners.unit_tag

    where coalesce(owners.player_id, units.player_id) > 0
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
