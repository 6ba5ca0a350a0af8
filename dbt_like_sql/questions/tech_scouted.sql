-- Grain: one row per game and tech building seen.
with

sightings as (

    select replay_id, pass_player_id, unit_tag, min(game_loop) as seen_game_loop

    from raw.unit_sightings

    where player_id != pass_player_id and display_type = 'visible'

    group by replay_id, pass_player_id, unit_tag

)

select
    units.replay_id,
    games.name as observer,
    units.first_unit_type as unit_type,
    format('{}:{:02d}', units.started_game_loop // 1344, units.started_game_loop % 1344 * 5 // 112) as started_clock,
    format('{}:{:02d}', sightings.seen_game_loop // 1344, sightings.seen_game_loop % 1344 * 5 // 112) as seen_clock,
    round((sightings.seen_game_loop - units.started_game_loop) * 5 / 112, 1) as seconds_unseen

from sightings

inner join marts.fct_units as units using (replay_id, unit_tag)

inner join marts.player_game_summary as games
    on sightings.replay_id = games.replay_id and sightings.pass_player_id = games.player_id

where units.category = 'technology' and ($matchup::text is null or games.matchup = $matchup)
        and ($player::text is null or lower($player) in (lower(games.player_key), lower(games.name)))

order by units.replay_id, sightings.seen_game_loop, units.unit_tag
