-- Looks at: units that are a step of a build order, with a start in both
-- Explained in: build_orders.md
-- Holds: A unit's start in fct_units is its start in fct_build_orders.
-- Why: Two starts for one unit make two answers to one question.
-- Reading: A finding is a defect of ours: one of the two is counted back where the other knows better.
select
    steps.replay_id,
    if(
        steps.started_game_loop != units.started_game_loop,
        format(
            '{} is begun at game loop {} in fct_build_orders ({}), at {} in fct_units ({})',
            steps.item, steps.started_game_loop, steps.start_method, units.started_game_loop, units.start_method
        ),
        null
    ) as finding,
    false as is_explained

from marts.fct_build_orders as steps

inner join marts.fct_units as units on steps.replay_id = units.replay_id and steps.unit_tag = units.unit_tag

-- A morph begins when its unit has long lived, and a step that was not done may have only the larva.
where steps.kind != 'morph'
    and steps.finished_game_loop is not null
    and steps.started_game_loop is not null
    and units.started_game_loop is not null
