-- Grain: one row per replay, player, unit type and stretch of samples at which all its counts are the same.
with

-- A unit that burrows and comes up between two samples changes no count, but a player's first of a type begins a run.
changes as (

    select changes.*

    from intermediate.int_unit_count_changes as changes

    left join staging.stg_known_unit_types as known on changes.unit_type = known.unit_type

    where coalesce(known.category, 'unknown') != 'dummy'

    qualify changes.alive_change != 0
        or changes.in_progress_change != 0
        or changes.started_count + changes.finished_count + changes.lost_count > 0
        or row_number() over (
            partition by changes.replay_id, changes.player_id, changes.unit_type order by changes.game_loop
        ) = 1

)

select
    replay_id,
    source,
    player_id,
    unit_type,
    game_loop as from_game_loop,
    coalesce(lead(game_loop) over so_far, last_game_loop + 1) as until_game_loop,
    (sum(alive_change) over so_far)::integer as alive_count,
    (sum(in_progress_change) over so_far)::integer as in_progress_count,
    (sum(started_count) over so_far)::integer as started_count,
    (sum(finished_count) over so_far)::integer as finished_count,
    (sum(lost_count) over so_far)::integer as lost_count

from changes

window so_far as (partition by replay_id, player_id, unit_type order by game_loop)
