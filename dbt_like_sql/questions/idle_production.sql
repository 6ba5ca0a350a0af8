-- Grain: one row per building type.
select
    display_name(snapshots.unit_type) as unit_type,
    count(*) as building_samples,
    round(count(*) filter (not snapshots.is_active) / count(*), 3) as idle_share

from raw.unit_snapshots as snapshots

inner join marts.dim_unit_types as types on snapshots.unit_type = types.unit_type

inner join asked_players as games
    on snapshots.replay_id = games.replay_id and snapshots.player_id = games.player_id

where snapshots.pass_player_id = snapshots.player_id
    and snapshots.build_progress >= 1
    and types.category = 'production'

group by snapshots.unit_type

order by building_samples desc, snapshots.unit_type
