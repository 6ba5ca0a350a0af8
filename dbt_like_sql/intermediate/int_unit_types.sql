-- Grain: one row per replay and unit type seen in it.
with

seen as (

    select
        replay_id,
        unit_type,
        bool_or(event = 'init') as is_built

    from intermediate.int_unit_events

    where unit_type is not null

    group by replay_id, unit_type

),

types as (

    select * from staging.stg_known_unit_types

),

-- Maps of users and co-op rename the melee game's types: SCVMengsk, StalkerVorazun. The longest melee name that
-- a name begins with tells worker, army or structure; nothing else is taken from it.
resemblances as (

    select
        unknown.unit_type,
        arg_max(types.unit_type, length(types.unit_type)) as unit_type_resembled

    from (select distinct unit_type from seen anti join types using (unit_type)) as unknown

    inner join types
        on starts_with(unknown.unit_type, types.unit_type) and types.category not in ('neutral', 'dummy')

    group by unknown.unit_type

)

select
    seen.replay_id,
    seen.unit_type,
    coalesce(
        known.base_unit_type,
        regexp_replace(seen.unit_type, '(.)(Burrowed|Sieged|Lowered|Flying|Uprooted|Phasing)$', '\1')
    ) as base_unit_type,
    known.unit_type is not null as is_known,
    coalesce(known.race, 'Unknown') as race,
    coalesce(known.category, 'unknown') as category,
    coalesce(known.is_worker, resembled.is_worker, false) as is_worker,
    coalesce(known.is_army, resembled.is_army, if(seen.is_built, false, null)) as is_army,
    coalesce(known.is_structure, resembled.is_structure, seen.is_built) as is_structure,
    coalesce(known.is_timed, false) as is_timed,
    known.made_of,
    coalesce(known.base_unit_type in (select made_of from types where made_of is not null), false) as has_next_shape,
    known.minerals_total,
    known.vespene_total

from seen

left join intermediate.int_replay_unit_types as known
    on seen.replay_id = known.replay_id and seen.unit_type = known.unit_type

left join resemblances on seen.unit_type = resemblances.unit_type

left join types as resembled on resemblances.unit_type_resembled = resembled.unit_type
