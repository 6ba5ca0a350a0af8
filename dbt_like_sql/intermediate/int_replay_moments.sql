-- Grain: one row per replay.
-- When it was played, as eras of the rules are told apart; what is not known counts as the latest.
select
    replay_id,
    is_coop,
    base_build,
    coalesce(data_build, 2147483647) as data_build,
    coalesce(played_at::date, '9999-12-31'::date) as played_on

from staging.stg_replays
