-- Grain: one row per replay, player and town hall begun.
with

numbered as (

    select
        *,
        row_number() over player_bases as base_number,
        first_value(x) over player_bases as start_x,
        first_value(y) over player_bases as start_y

    from intermediate.int_townhalls

    window player_bases as (partition by replay_id, player_id order by started_game_loop, unit_tag)

)

select
    numbered.replay_id,
    numbered.player_id,
    numbered.base_number::integer as base_number,
    sources.source,
    numbered.unit_tag,
    numbered.started_game_loop,
    game_seconds(numbered.started_game_loop) as started_seconds,
    numbered.finished_game_loop,
    game_seconds(numbered.finished_game_loop) as finished_seconds,
    numbered.died_game_loop,
    numbered.end_reason,
    numbered.first_unit_type,
    numbered.last_unit_type,
    numbered.x,
    numbered.y,
    sqrt((numbered.x - numbered.start_x) ** 2 + (numbered.y - numbered.start_y) ** 2) as cells_from_start

from numbered

inner join intermediate.int_replay_sources as sources using (replay_id)
