-- Grain: one row per unit type.
select
    display_name(units.base_unit_type) as unit_type,
    count(*) as hallucinations,
    count(*) filter (units.end_reason = 'killed') as killed,
    count(*) filter (units.end_reason = 'expired') as expired,
    round(game_seconds(median(units.lifetime_game_loops)), 1) as median_seconds

from marts.fct_units as units

inner join asked_players as games using (replay_id, player_id)

where units.is_hallucination

group by units.base_unit_type

order by hallucinations desc, unit_type
