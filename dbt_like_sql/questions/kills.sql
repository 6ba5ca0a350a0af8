-- Grain: one row per unit lost.


select
    deaths.clock,
    victims.name,
    display_name(deaths.unit_type) as unit_type,
    deaths.minerals_lost + deaths.vespene_lost as resources_lost,
    killers.name as killer,
    display_name(deaths.killer_unit_type) as killer_unit_type,
    deaths.x,
    deaths.y,
    deaths.clock_speed,
    deaths.is_summoned

from marts.fct_unit_deaths as deaths

left join marts.fct_replay_players as victims using (replay_id, player_id)

left join marts.fct_replay_players as killers
    on deaths.replay_id = killers.replay_id and deaths.killer_player_id = killers.player_id

where deaths.replay_id in (from asked_game)

order by deaths.game_loop, deaths.unit_tag
