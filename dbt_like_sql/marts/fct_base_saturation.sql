-- Grain: one row per replay, observation and finished town hall or gas building.
with

bases as (

    select unit_type, category from staging.stg_known_unit_types where category in ('townhall', 'gas')

)

select
    snapshots.replay_id,
    snapshots.unit_tag,
    snapshots.game_loop,
    snapshots.source,
    game_seconds(snapshots.game_loop) as seconds,
    snapshots.player_id,
    snapshots.unit_type,
    if(bases.category = 'gas', 'vespene', 'minerals') as resource,
    snapshots.assigned_harvesters,
    snapshots.ideal_harvesters,
    snapshots.assigned_harvesters / nullif(snapshots.ideal_harvesters, 0) as saturation,
    greatest(snapshots.assigned_harvesters - snapshots.ideal_harvesters, 0) as surplus_harvesters,
    snapshots.ideal_harvesters = 0 as is_mined_out,
    snapshots.vespene_contents as vespene_left,
    snapshots.x,
    snapshots.y

from staging.stg_unit_snapshots as snapshots

inner join bases on snapshots.unit_type = bases.unit_type

where snapshots.ideal_harvesters is not null
    and snapshots.player_id > 0
    and coalesce(snapshots.build_progress, 1) >= 1
