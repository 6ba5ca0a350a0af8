-- Looks at: starts of units and build-order steps whose producer is known
-- Explained in: build_orders.md
-- Holds: Nothing is begun before what makes it stood.
-- Why: A start that is counted back by a wrong build time shifts openings and timings.
-- Reading: A finding is a start that is too early, by a wrong rule or an unseen speed-up: a defect of ours.
with

starts as (

    select replay_id, unit_type as item, started_game_loop, producer_unit_tag

    from marts.fct_units

    union all

    select replay_id, item, started_game_loop, producer_unit_tag

    from marts.fct_build_orders

)

select
    starts.replay_id,
    if(
        starts.started_game_loop < producers.finished_game_loop,
        format(
            '{} is begun at game loop {}, its {} stood at {}',
            starts.item, starts.started_game_loop, producers.unit_type, producers.finished_game_loop
        ),
        null
    ) as finding,
    false as is_explained

from starts

inner join marts.fct_units as producers
    on starts.replay_id = producers.replay_id and starts.producer_unit_tag = producers.unit_tag

where starts.started_game_loop is not null and producers.finished_game_loop is not null
