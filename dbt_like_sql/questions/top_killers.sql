-- Grain: one row per unit.
select
    units.replay_id,
    games.game,
    games.name,
    display_name(units.base_unit_type) as unit_type,
    clock(units.finished_game_loop) as finished_clock,
    units.kill_count as kills,
    units.minerals_killed + units.vespene_killed as resources_killed,
    units.end_reason,
    count(distinct units.replay_id) over () as games_known

from marts.fct_units as units

inner join asked_players as games
    on units.replay_id = games.replay_id and units.last_player_id = games.player_id

where units.kill_count is not null

qualify units.kill_count > 0

order by resources_killed desc, kills desc, units.replay_id, units.unit_tag

limit $rows
