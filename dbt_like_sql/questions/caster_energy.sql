-- Grain: one row per unit type.
select
    display_name(snapshots.unit_type) as unit_type,
    count(*) as unit_samples,
    round(avg(snapshots.energy), 1) as average_energy,
    round(count(*) filter (snapshots.energy >= snapshots.energy_max) / count(*), 3) as capped_share

from raw.unit_snapshots as snapshots

inner join asked_players as games
    on snapshots.replay_id = games.replay_id and snapshots.player_id = games.player_id

where snapshots.pass_player_id = snapshots.player_id
    and snapshots.energy_max > 0

group by snapshots.unit_type

order by unit_samples desc, snapshots.unit_type
