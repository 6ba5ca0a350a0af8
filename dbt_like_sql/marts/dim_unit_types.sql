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

),

-- What the newest client that was run here says, for the costs change with patches.
told as (

    select *

    from staging.stg_unit_types

    where unit_type is not null

    qualify row_number() over (
        partition by unit_type order by base_build desc, is_available desc nulls last, data_version, unit_type_id
    ) = 1

)

select
    unit_type,
    coalesce(known.base_unit_type, seen.base_unit_type) as base_unit_type,
    coalesce(known.race, 'Unknown') as race,
    coalesce(known.category, 'unknown') as category,
    coalesce(known.is_worker, seen.is_worker) as is_worker,
    coalesce(known.is_army, seen.is_army) as is_army,
    coalesce(known.is_structure, seen.is_structure) as is_structure,
    known.is_timed,
    coalesce(told.made_of, known.made_of) as made_of,
    coalesce(told.minerals, known.minerals) as minerals,
    coalesce(told.vespene, known.vespene) as vespene,
    coalesce(told.minerals_total, known.minerals_total) as minerals_total,
    coalesce(told.vespene_total, known.vespene_total) as vespene_total,
    coalesce(told.supply, known.supply) as supply,
    coalesce(told.supply_provided, known.supply_provided) as supply_provided,
    coalesce(told.build_time_game_loops, known.build_time_game_loops) as build_time_game_loops,
    told.attributes,
    told.sight_range,
    told.movement_speed,
    told.armor,
    told.weapons,
    told.base_build,
    coalesce('base build ' || told.base_build, 'rules since base build ' || known.from_base_build, known.source)
        as recorded_in,
    known.source is not null as is_known,
    coalesce(seen.replay_count, 0) as replay_count

from staging.stg_known_unit_types as known

full outer join seen using (unit_type)

left join told using (unit_type)
