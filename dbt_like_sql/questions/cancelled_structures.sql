-- Grain: one row per structure type.
select
    units.first_unit_type as unit_type,
    count(*) as begun,
    count(*) filter (units.end_reason = 'cancelled') as cancelled,
    round(count(*) filter (units.end_reason = 'cancelled') / count(*), 3) as cancelled_share,
    round(
        median(units.ended_game_loop - units.started_game_loop) filter (units.end_reason = 'cancelled') * 5 / 112, 1
    ) as median_seconds

from marts.fct_units as units

inner join marts.player_game_summary as games using (replay_id, player_id)

where units.started_known_by = 'init' and units.is_structure and games.game_mode = '1v1' and ($matchup::text is null or games.matchup = $matchup)
        and ($player::text is null or lower($player) in (lower(games.player_key), lower(games.name)))

group by units.first_unit_type

having count(*) filter (units.end_reason = 'cancelled') > 0

order by cancelled desc, unit_type
