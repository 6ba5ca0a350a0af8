-- Grain: one row per building type.
select
    display_name(snapshots.unit_type) as unit_type,
    count(*) as boosted_samples,
    round(count(*) filter (snapshots.is_active) / count(*), 3) as working_share

from raw.unit_buffs as buffs

inner join raw.unit_snapshots as snapshots
    on buffs.replay_id = snapshots.replay_id
    and buffs.pass_player_id = snapshots.pass_player_id
    and buffs.game_loop = snapshots.game_loop
    and buffs.unit_tag = snapshots.unit_tag
    and buffs.repeat_index = snapshots.repeat_index

inner join asked_players as games
    on snapshots.replay_id = games.replay_id and snapshots.player_id = games.player_id

-- The first is of games before 4.0.
where buffs.buff in ('TimeWarpProduction', 'ChronoBoostEnergyCost')
    and snapshots.pass_player_id = snapshots.player_id

group by snapshots.unit_type

order by boosted_samples desc, snapshots.unit_type
