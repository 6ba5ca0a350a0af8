-- Grain: one row per known unit type.
-- The figures of today; int_replay_unit_types has those of a replay's own time.
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
    minerals,
    vespene,
    minerals_total,
    vespene_total,
    supply,
    supply_provided,
    build_time_game_loops,
    from_base_build,
    source

from raw.known_unit_types

where to_base_build is null
