-- Grain: one row per replay and sample at which units are counted.
with

samples as (

    select replay_id, game_loop, any_value(source) as source

    from intermediate.int_economy_samples

    group by replay_id, game_loop

    -- The game is observed more often than units are counted: as in the stream, first at each 160 loops, and at the end.
    qualify any_value(source) = 'tracker'
        or row_number() over (partition by replay_id, game_loop // 160 order by game_loop) = 1
        or row_number() over (partition by replay_id order by game_loop desc) = 1

)

select
    replay_id,
    source,
    game_loop,
    max(game_loop) over (partition by replay_id) as last_game_loop

from samples
