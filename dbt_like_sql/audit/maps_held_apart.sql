-- Looks at: titles of maps
-- Explained in: truth.md#one-map-one-person
-- Holds: Versions with one title are of one map.
-- Why: A map that counts as several has its games spread over them.
-- Reading: A finding is a defect of ours, but for titles that link nothing (empty, or the editor's own).
select
    min(replays.replay_id) as replay_id,
    if(
        count(distinct replays.map_key) > 1,
        format('"{}" is the title of {} maps', any_value(replays.map_title), count(distinct replays.map_key)),
        null
    ) as finding,
    trim(any_value(replays.map_title)) = '' or any_value(replays.map_title) = 'Just Another StarCraft II Map' as is_explained

from marts.dim_replays as replays

group by lower(trim(replays.map_title))
