-- Grain: one row per worker lost.
select
    deaths.replay_id,
    games.game,
    games.name,
    clock(deaths.game_loop) as clock,
    display_name(deaths.killer_unit_type) as killer_unit_type,
    round(sqrt((deaths.x - enemy.x) ** 2 + (deaths.y - enemy.y) ** 2)) as cells_from_enemy,
    games.is_winner

from marts.fct_unit_deaths as deaths

inner join asked_players as games using (replay_id, player_id)

inner join marts.fct_bases as home
    on deaths.replay_id = home.replay_id and deaths.player_id = home.player_id and home.base_number = 1

inner join marts.fct_bases as enemy
    on deaths.replay_id = enemy.replay_id and games.opponent_player_id = enemy.player_id and enemy.base_number = 1

where deaths.is_worker
    and deaths.game_loop < game_loop_at($minute)
    and (deaths.x - home.x) ** 2 + (deaths.y - home.y) ** 2 > (deaths.x - enemy.x) ** 2 + (deaths.y - enemy.y) ** 2

order by deaths.replay_id, deaths.game_loop, deaths.unit_tag
