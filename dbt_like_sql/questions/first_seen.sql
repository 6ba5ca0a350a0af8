-- Grain: one row per game, observer and building type.
select
    sightings.replay_id,
    games.game,
    games.name as observer,
    display_name(sightings.unit_type) as unit_type,
    clock(min(sightings.game_loop)) as seen_clock

from staging.stg_unit_sightings as sightings

inner join marts.dim_unit_types as types on sightings.unit_type = types.unit_type and types.is_structure

inner join asked_players as games
    on sightings.replay_id = games.replay_id and sightings.pass_player_id = games.player_id

where sightings.player_id != sightings.pass_player_id
    and sightings.display_type = 'visible'

group by sightings.replay_id, sightings.pass_player_id, games.game, games.name, sightings.unit_type

order by sightings.replay_id, sightings.pass_player_id, min(sightings.game_loop), sightings.unit_type
