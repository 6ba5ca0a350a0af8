-- Grain: one row per game, observer and minute.
with

seen as (

    select distinct
        sightings.replay_id,
        sightings.pass_player_id,
        game_minute(sightings.game_loop) as minute,
        sightings.unit_tag,
        types.minerals_total + types.vespene_total as worth

    from staging.stg_unit_sightings as sightings

    inner join marts.dim_unit_types as types on sightings.unit_type = types.unit_type and types.is_army

    where sightings.player_id != sightings.pass_player_id
    and sightings.display_type = 'visible'

),

sums as (

    select replay_id, pass_player_id, minute, sum(worth) as seen

    from seen

    group by replay_id, pass_player_id, minute

)

select
    games.replay_id,
    games.game,
    games.name as observer,
    minutes.game_minute as minute,
    coalesce(sums.seen, 0) as seen,
    minutes.max_army_value as army_value,
    -- Asked first: the least of 1 and NULL is 1.
    if(
        minutes.max_army_value > 0, round(least(1, coalesce(sums.seen, 0) / minutes.max_army_value), 2), null
    ) as known_share

from asked_players as games

inner join marts.fct_player_minutes as minutes
    on games.replay_id = minutes.replay_id and games.opponent_player_id = minutes.player_id

left join sums
    on games.replay_id = sums.replay_id
    and games.player_id = sums.pass_player_id
    and minutes.game_minute = sums.minute

where (games.replay_id, games.player_id) in (select (replay_id, pass_player_id) from staging.stg_unit_sightings)

order by games.replay_id, games.player_id, minutes.game_minute
