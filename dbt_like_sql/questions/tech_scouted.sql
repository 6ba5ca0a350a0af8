-- Grain: one row per game and tech building seen.
with

sightings as (

    select replay_id, pass_player_id, unit_tag, min(game_loop) as seen_game_loop

    from staging.stg_unit_sightings

    where player_id != pass_player_id and display_type = 'visible'

    group by replay_id, pass_player_id, unit_tag

)

select
    units.replay_id,
    games.game,
    games.name as observer,
    display_name(units.first_unit_type) as unit_type,
    clock(units.started_game_loop) as started_clock,
    clock(sightings.seen_game_loop) as seen_clock,
    round(game_seconds(sightings.seen_game_loop - units.started_game_loop), 1) as seconds_unseen

from sightings

inner join marts.fct_units as units using (replay_id, unit_tag)

inner join asked_players as games
    on sightings.replay_id = games.replay_id and sightings.pass_player_id = games.player_id

where units.category = 'technology'

order by units.replay_id, sightings.seen_game_loop, units.unit_tag
