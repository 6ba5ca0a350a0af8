-- Grain: one row per observer and unit type.
with

seen as (

    select replay_id, pass_player_id, unit_type, count(distinct unit_tag) as seen

    from raw.unit_sightings

    where replay_id in (from asked_game) and player_id != pass_player_id and display_type = 'visible' and game_loop <= game_loop_at($minute)

    group by replay_id, pass_player_id, unit_type

)

select
    games.name as observer,
    seen.unit_type,
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
