-- Grain: one row per observer and unit type.
with

seen as (

    -- Counts have the modes of a type folded into one.
    select
        sightings.replay_id,
        sightings.pass_player_id,
        coalesce(types.base_unit_type, sightings.unit_type) as unit_type,
        count(distinct sightings.unit_tag) as seen

    from staging.stg_unit_sightings as sightings

    left join marts.dim_unit_types as types on sightings.unit_type = types.unit_type

    where sightings.replay_id in (from asked_game)
        and sightings.player_id != sightings.pass_player_id
        and sightings.display_type = 'visible'
        and sightings.game_loop <= game_loop_at($minute)

    group by sightings.replay_id, sightings.pass_player_id, coalesce(types.base_unit_type, sightings.unit_type)

)

select
    games.name as observer,
    display_name(seen.unit_type) as unit_type,
    seen.seen,
    coalesce(counts.alive_count, 0) as alive_then

from seen

inner join asked_players as games
    on seen.replay_id = games.replay_id and seen.pass_player_id = games.player_id

left join marts.fct_unit_counts as counts
    on games.replay_id = counts.replay_id
    and games.opponent_player_id = counts.player_id
    and seen.unit_type = counts.unit_type
    and counts.game_loop = sample_loop_at($minute)

order by games.player_id, seen.seen desc, seen.unit_type
