-- Grain: one row per replay, statistic and value that occurs in it.
from intermediate.int_replay_statistics

union all

select replay_id, 'map' as statistic, coalesce(map_name, 'unknown') as value, 1::bigint as count

from marts.dim_replays
