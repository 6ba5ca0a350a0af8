-- Grain: one row per replay, sample, player and unit type of which the player had any so far.
with

changes as (

    select changes.*

    from intermediate.int_unit_count_changes as changes

    left join staging.stg_known_unit_types as known on changes.unit_type = known.unit_type

    where coalesce(known.category, 'unknown') != 'dummy'

),

running as (

    select
        replay_id,
        player_id,
        unit_type,
        sample_number as first_sample_number,
        coalesce(lead(sample_number) over so_far, sample_count + 1) as next_sample_number,
        sum(alive_change) over so_far as alive_count,
        sum(in_progress_change) over so_far as in_progress_count,
        sum(started_count) over so_far as started_count,
        sum(finished_count) over so_far as finished_count,
        sum(lost_count) over so_far as lost_count

    from changes

    window so_far as (partition by replay_id, player_id, unit_type order by sample_number)

),

-- Counts stand until the sample at which they change.
standing as (

    select *, unnest(range(first_sample_number, next_sample_number)) as sample_number

    from running

)

select
    standing.replay_id,
    samples.source,
    samples.game_loop,
    game_seconds(samples.game_loop) as seconds,
    standing.player_id,
    standing.unit_type,
    standing.alive_count::integer as alive_count,
    standing.in_progress_count::integer as in_progress_count,
    standing.started_count::integer as started_count,
    standing.finished_count::integer as finished_count,
    standing.lost_count::integer as lost_count

from standing

inner join intermediate.int_sample_loops as samples
    on standing.replay_id = samples.replay_id and standing.sample_number = samples.sample_number
