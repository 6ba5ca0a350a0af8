-- Grain: one row per unit type.
select
    display_name(units.base_unit_type) as unit_type,
    count(*) as units,
    round(game_seconds(median(units.lifetime_game_loops) filter (units.end_reason != 'alive_at_end')), 1) as median_seconds,
    round(count(*) filter (units.end_reason = 'killed') / count(*), 3) as killed_share,
    round(count(*) filter (units.end_reason = 'alive_at_end') / count(*), 3) as alive_share,
    round(count(*) filter (units.end_reason not in ('killed', 'alive_at_end')) / count(*), 3) as other_share

from marts.fct_units as units

inner join asked_players as games using (replay_id, player_id)

where units.finished_game_loop is not null
    and not units.is_hallucination
    and units.category in ('worker', 'army', 'townhall', 'production', 'technology', 'supply', 'gas', 'defence')
    and ($unit::text is null or lower($unit) in (lower(units.base_unit_type), lower(display_name(units.base_unit_type))))

group by units.base_unit_type

order by units desc, unit_type
