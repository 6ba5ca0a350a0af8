-- Grain: one row per known unit type and era.
select
    unit_type,
    base_unit_type,
    race_name(race) as race,
    category,
    category = 'worker' as is_worker,
    category = 'army' as is_army,
    is_structure,
    is_timed,
    made_of,
    minerals_total,
    vespene_total,
    build_time_game_loops,
    coalesce(from_base_build, 0) as from_base_build,
    coalesce(from_data_build, 0) as from_data_build,
    coalesce(from_day, '0001-01-01'::date) as from_day,
    coalesce(to_base_build, 2147483647) as to_base_build,
    coalesce(to_data_build, 0) as to_data_build,
    coalesce(to_day, '0001-01-01'::date) as to_day

from raw.known_unit_types
