-- Severity: error
-- Of all files of one game exactly one is canonical.
select
    any_value(replay_id) as replay_id,
    game_key,
    count(*) filter (is_canonical) as canonical_replays

from intermediate.int_replays

group by game_key

having count(*) filter (is_canonical) != 1
