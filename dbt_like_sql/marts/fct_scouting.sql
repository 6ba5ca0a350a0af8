-- Grain: one row per replay, player and unit of another player that the player saw.
with

firsts as (

    select
        replay_id,
        pass_player_id as player_id,
        unit_tag,
        any_value(source) as source,
        min(game_loop) as first_seen_game_loop,
        max(game_loop) as last_seen_game_loop,
        count(distinct game_loop) as seen_observation_count,
        arg_min(unit_type, game_loop) as unit_type,
        arg_min(build_progress, game_loop) as build_progress,
        arg_min(x, game_loop) as x,
        arg_min(y, game_loop) as y

    from staging.stg_unit_sightings

    where display_type = 'visible' and unit_tag is not null

    group by replay_id, pass_player_id, unit_tag

)

select
    firsts.replay_id,
    firsts.player_id,
    firsts.unit_tag,
    firsts.source,
    units.player_id as owner_player_id,
    firsts.unit_type,
    types.category,
    firsts.first_seen_game_loop,
    game_seconds(firsts.first_seen_game_loop) as first_seen_seconds,
    firsts.last_seen_game_loop,
    firsts.seen_observation_count,
    firsts.build_progress as build_progress_first_seen,
    firsts.first_seen_game_loop - units.started_game_loop as delay_game_loops,
    firsts.x,
    firsts.y

from firsts

left join marts.fct_units as units on firsts.replay_id = units.replay_id and firsts.unit_tag = units.unit_tag

left join staging.stg_known_unit_types as types on firsts.unit_type = types.unit_type
