-- Grain: one row per unit type's name, known or seen in a replay.
with

seen as (

    select
        unit_type,
        any_value(base_unit_type) as base_unit_type,
        bool_or(is_worker) as is_worker,
        bool_or(is_army) as is_army,
        bool_or(is_structure) as is_structure,
        count(*) as replay_count

    from intermediate.int_unit_types

    group by unit_type

)

select
    unit_type,
    coalesce(known.base_unit_type, seen.base_unit_type) as base_unit_type,
    coalesce(known.race, 'unknown') as race,
    coalesce(known.category, 'unknown') as category,
    coalesce(known.is_worker, seen.is_worker) as is_worker,
    coalesce(known.is_army, seen.is_army) as is_army,
    coalesce(known.is_structure, seen.is_structure) as is_structure,
    known.is_timed,
    known.made_of,
    known.minerals,
    known.vespene,
    known.minerals_total,
    known.vespene_total,
    known.supply,
    known.supply_provided,
    known.build_time_game_loops,
    known.recorded_in,
    known.recorded_in is not null as is_known,
    coalesce(seen.replay_count, 0) as replay_count

from staging.stg_known_unit_types as known

full outer join seen using (unit_type)
