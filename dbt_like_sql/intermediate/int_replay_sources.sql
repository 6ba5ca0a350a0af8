-- Grain: one row per replay.
-- The tracker's rows come first as long as the marts of units and economy are made from them alone.
select
    replay_id,
    case when bool_or(source = 'tracker') then 'tracker' else 'sc2' end as source,
    bool_or(source = 'tracker') as has_tracker,
    bool_or(source = 'sc2') as has_sc2

from staging.stg_replays

group by replay_id
