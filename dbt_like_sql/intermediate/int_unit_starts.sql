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

starts as (

    select
        lifetimes.replay_id,
        lifetimes.unit_tag,
        lifetimes.init_game_loop,
        lifetimes.finished_game_loop,
        eggs.begun_game_loop,
        lifetimes.finished_game_loop - round(types.build_time_game_loops)::integer as counted_back_game_loop,
        case
            when lifetimes.init_game_loop is not null then 'init'
            when lifetimes.finished_game_loop = 0 then 'game_start'
            when eggs.begun_game_loop is not null then 'egg'
            when types.build_time_game_loops is not null and types.category in ('worker', 'army', 'supply')
                then 'build_time'
        end as start_method

    from intermediate.int_unit_lifetimes as lifetimes

    left join intermediate.int_unit_types as types
        on lifetimes.replay_id = types.replay_id and lifetimes.first_unit_type = types.unit_type

    left join eggs
        on lifetimes.replay_id = eggs.replay_id and lifetimes.creator_unit_tag = eggs.unit_tag
        and lifetimes.finished_game_loop = eggs.hatched_game_loop

    where lifetimes.first_event is not null

)

select
    replay_id,
    unit_tag,
    start_method,
    case start_method
        when 'init' then init_game_loop
        when 'game_start' then 0
        when 'egg' then begun_game_loop
        when 'build_time' then greatest(counted_back_game_loop, 0)
    end as started_game_loop

from starts
