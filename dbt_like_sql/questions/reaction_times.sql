-- Grain: one row per game and observer.
with

sightings as (

    select replay_id, pass_player_id as player_id, min(game_loop) as seen_game_loop

    from staging.stg_unit_sightings

    where player_id != pass_player_id and display_type = 'visible' and lower($seen) in (lower(unit_type), lower(display_name(unit_type)))

    group by replay_id, pass_player_id

),

responses as (

    select replay_id, player_id, started_game_loop

    from marts.fct_units

    where lower($response) in (lower(first_unit_type), lower(display_name(first_unit_type))) and started_game_loop is not null

)

select
    games.replay_id,
    games.game,
    games.name as observer,
    clock(sightings.seen_game_loop) as seen_clock,
    clock(responses.started_game_loop) as response_clock,
    round(game_seconds(responses.started_game_loop - sightings.seen_game_loop), 1) as seconds_between

from sightings

asof inner join responses
    on sightings.replay_id = responses.replay_id
    and sightings.player_id = responses.player_id
    and sightings.seen_game_loop <= responses.started_game_loop

inner join asked_players as games
    on sightings.replay_id = games.replay_id and sightings.player_id = games.player_id

order by games.replay_id, games.player_id
