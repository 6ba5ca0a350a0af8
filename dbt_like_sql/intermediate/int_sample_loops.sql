-- Grain: one row per replay and sample of its players' economies.
with

samples as (

    select distinct replay_id, game_loop

    from intermediate.int_economy_samples

)

select
    replay_id,
    game_loop,
    row_number() over (partition by replay_id order by game_loop) as sample_number,
    count(*) over (partition by replay_id) as sample_count

from samples
