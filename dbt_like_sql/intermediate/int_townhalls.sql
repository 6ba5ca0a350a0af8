-- Grain: one row per replay and town hall that a player of the lobby began.
select
    lives.replay_id,
    lives.unit_tag,
    lives.first_player_id as player_id,
    coalesce(lives.init_game_loop, lives.finished_game_loop) as started_game_loop,
    lives.finished_game_loop,
    lives.died_game_loop,
    ends.end_reason,
    lives.birth_x as x,
    lives.birth_y as y,
    lives.first_unit_type,
    lives.last_unit_type

from intermediate.int_unit_lifetimes as lives

inner join intermediate.int_unit_types as types
    on lives.replay_id = types.replay_id and lives.last_unit_type = types.unit_type

inner join intermediate.int_unit_ends as ends
    on lives.replay_id = ends.replay_id and lives.unit_tag = ends.unit_tag

inner join marts.fct_replay_players as players
    on lives.replay_id = players.replay_id and lives.first_player_id = players.player_id

where types.category = 'townhall'
