-- Grain: one row per replay, sample, player and unit type of which the player had any so far.
with

changes as (

    select changes.*

    from intermediate.int_unit_count_changes as changes

    left join staging.stg_known_unit_types as known on changes.unit_type = known.unit_type

    where coalesce(known.category, 'unknown') != 'dummy'

),

first_seen as (

    select replay_id, player_id, unit_type, min(game_loop) as first_game_loop

    from changes

    group by replay_id, player_id, unit_type

),

grid as (

    select first_seen.replay_id, first_seen.player_id, first_seen.unit_type, samples.game_loop

    from first_seen

    inner join intermediate.int_sample_loops as samples
        on first_seen.replay_id = samples.replay_id and first_seen.first_game_loop <= samples.game_loop

)

select
    grid.replay_id,
    'tracker' as source,
    grid.game_loop,
    grid.game_loop * 5::bigint / 112 as seconds,
    grid.player_id,
    grid.unit_type,
    coalesce(sum(changes.alive_change) over so_far, 0)::integer as alive_count,
    coalesce(sum(changes.in_progress_change) over so_far, 0)::integer as in_progress_count,
    coalesce(sum(changes.started_count) over so_far, 0)::integer as started_count,
    coalesce(sum(changes.finished_count) over so_far, 0)::integer as finished_count,
    coalesce(sum(changes.lost_count) over so_far, 0)::integer as lost_count

from grid

left join changes using (replay_id, player_id, unit_type, game_loop)

window so_far as (partition by grid.replay_id, grid.player_id, grid.unit_type order by grid.game_loop)
