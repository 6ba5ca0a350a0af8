-- Grain: one row per replay and sample of its players' economies.
select distinct
    replay_id,
    game_loop

from intermediate.int_economy_samples
