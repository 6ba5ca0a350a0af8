-- Grain: one row per subject, fact, mode and era.
select
    subject,
    fact,
    value,
    unit,
    mode,
    coalesce(from_base_build, 0) as from_base_build,
    coalesce(from_data_build, 0) as from_data_build,
    coalesce(from_day, '0001-01-01'::date) as from_day,
    coalesce(to_base_build, 2147483647) as to_base_build,
    coalesce(to_data_build, 0) as to_data_build,
    coalesce(to_day, '0001-01-01'::date) as to_day,
    source

from raw.known_rules
