-- Grain: one row per structure.
select
    units.replay_id,
    games.game,
    games.name,
    clock(units.started_game_loop) as clock,
    display_name(units.first_unit_type) as unit_type,
    round(sqrt((units.birth_x - home.x) ** 2 + (units.birth_y - home.y) ** 2)) as cells_from_home,
    round(sqrt((units.birth_x - enemy.x) ** 2 + (units.birth_y - enemy.y) ** 2)) as cells_from_enemy,
    games.is_winner

from marts.fct_units as units

inner join asked_players as games using (replay_id, player_id)

inner join marts.fct_bases as home
    on units.replay_id = home.replay_id and units.player_id = home.player_id and home.base_number = 1

inner join marts.fct_bases as enemy
    on units.replay_id = enemy.replay_id and games.opponent_player_id = enemy.player_id and enemy.base_number = 1

where units.start_method = 'init'
    and units.is_structure
    and units.category != 'summoned'
    and not contains(units.first_unit_type, 'CreepTumor')
    and units.started_game_loop < game_loop_at($minute)
    and (units.birth_x - home.x) ** 2 + (units.birth_y - home.y) ** 2
    > (units.birth_x - enemy.x) ** 2 + (units.birth_y - enemy.y) ** 2

order by units.replay_id, units.started_game_loop, units.unit_tag
