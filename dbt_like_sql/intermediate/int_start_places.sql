-- Grain: one row per replay and player who began with a town hall.
select
    replay_id,
    player_id,
    arg_min(x, unit_tag) as x,
    arg_min(y, unit_tag) as y

from intermediate.int_townhalls

where started_game_loop = 0

group by replay_id, player_id
