-- Grain: one row per replay.
-- When it was played, as eras of the rules are told apart; what is not known counts as the latest.
select
    replay_id,
    any_value(is_coop) as is_coop,
    any_value(base_build) as base_build,
    coalesce(any_value(data_build), 2147483647) as data_build,
    coalesce(any_value(played_at)::date, '9999-12-31'::date) as played_on

from staging.stg_replays

group by replay_id
