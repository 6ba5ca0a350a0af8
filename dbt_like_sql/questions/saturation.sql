-- Grain: one row per minute and kind of building.
select
    game_minute(snapshots.game_loop) as minute,
    if(types.category = 'townhall', 'town hall', 'gas') as building,
    count(*) as samples,
    round(avg(snapshots.assigned_harvesters), 1) as average_assigned,
    round(avg(snapshots.ideal_harvesters), 1) as average_ideal,
    round(sum(snapshots.assigned_harvesters) / nullif(sum(snapshots.ideal_harvesters), 0), 2) as saturation

from raw.unit_snapshots as snapshots

inner join marts.dim_unit_types as types on snapshots.unit_type = types.unit_type

inner join asked_players as games
    on snapshots.replay_id = games.replay_id and snapshots.player_id = games.player_id

where snapshots.pass_player_id = snapshots.player_id
    and snapshots.build_progress >= 1
    and types.category in ('townhall', 'gas')
    and ($minute::integer is null or game_minute(snapshots.game_loop) = $minute)

group by game_minute(snapshots.game_loop), if(types.category = 'townhall', 'town hall', 'gas')

order by minute, building
