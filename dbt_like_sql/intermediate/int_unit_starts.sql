-- Grain: one row per replay and unit that the stream shows being born or begun.
with

-- What hatches was begun when its larva, or the unit it was made of, turned into an egg or a cocoon; in the game
-- loop of the birth the egg changes back.
eggs as (

    select replay_id, unit_tag, game_loop as hatched_game_loop, max(from_game_loop) as begun_game_loop

    from intermediate.int_unit_type_changes

    where regexp_matches(from_unit_type, 'Egg|Cocoon')

    group by replay_id, unit_tag, game_loop

),

-- Most morphs change a unit, some end it and make another; an egg that never hatched is a step of its larva.
solved as (

    select
        lives.replay_id,
        lives.unit_tag,
        arg_min(steps.start_method, steps.step_index) as start_method,
        arg_min(steps.started_game_loop, steps.step_index) as started_game_loop,
        arg_min(steps.start_error_game_loops, steps.step_index) as start_error_game_loops

    from intermediate.int_unit_lifetimes as lives

    inner join intermediate.int_step_starts as steps
        on lives.replay_id = steps.replay_id
        and lives.unit_tag = steps.unit_tag
        and (steps.kind != 'morph' or lives.finished_game_loop = steps.finished_game_loop)
        and steps.started_game_loop <= coalesce(lives.finished_game_loop, steps.started_game_loop)

    where steps.kind != 'upgrade'

    group by lives.replay_id, lives.unit_tag

),

starts as (

    select
        lives.replay_id,
        lives.unit_tag,
        case
            when lives.finished_game_loop = 0
                then {'method': 'game_start', 'game_loop': 0, 'error': 0}
            when solved.start_method is not null
                then {
                    'method': solved.start_method,
                    'game_loop': solved.started_game_loop,
                    'error': solved.start_error_game_loops
                }
            -- The game is observed at intervals, the stream sees everything.
            when lives.init_game_loop is not null
                then {
                    'method': 'init',
                    'game_loop': lives.init_game_loop,
                    'error': if(lives.source = 'tracker', 0, null)
                }
            when eggs.begun_game_loop is not null
                then {
                    'method': 'egg',
                    'game_loop': eggs.begun_game_loop,
                    'error': if(lives.source = 'tracker', 0, null)
                }
            -- Less the whole build time: speed-ups that the stream doesn't tell of begin it later.
            when times.build_game_loops is not null
                then {
                    'method': 'build_time',
                    'game_loop': greatest(lives.finished_game_loop - round(times.build_game_loops)::integer, 0),
                    'error': if(
                        times.fastest_rate is null,
                        null,
                        greatest(1, ceil(times.build_game_loops * (1 - 1 / times.fastest_rate))::integer)
                    )
                }
        end as start

    from intermediate.int_unit_lifetimes as lives

    left join solved on lives.replay_id = solved.replay_id and lives.unit_tag = solved.unit_tag

    left join intermediate.int_build_times as times
        on lives.replay_id = times.replay_id
        and lives.first_player_id = times.player_id
        and lives.first_unit_type = times.unit_type

    left join eggs
        on lives.replay_id = eggs.replay_id and lives.creator_unit_tag = eggs.unit_tag
        and lives.finished_game_loop = eggs.hatched_game_loop

    where lives.first_event is not null

)

select
    replay_id,
    unit_tag,
    start.method as start_method,
    start.game_loop as started_game_loop,
    start.error as start_error_game_loops

from starts
