-- Grain: one row per unit lost.


select
    deaths.clock,
    victims.name,
    deaths.unit_type,
    deaths.minerals_lost + deaths.vespene_lost as resources_lost,
    killers.name as killer,
    deaths.killer_unit_type,
    deaths.x,
    deaths.y,
    deaths.clock_speed

from marts.fct_unit_deaths as deaths

left join marts.fct_replay_players as victims using (replay_id, player_id)

left join marts.fct_replay_players as killers
    on deaths.replay_id = killers.replay_id and deaths.killer_player_id = killers.player_id

where deaths.replay_id in (from asked_game)

order by deaths.game_loop, deaths.unit_tag
