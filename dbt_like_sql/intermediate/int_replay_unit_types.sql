-- Grain: one row per replay and known unit type.
select
    moments.replay_id,
    known.unit_type,
    known.base_unit_type,
    known.race,
    known.category,
    known.is_worker,
    known.is_army,
    known.is_structure,
    known.is_timed,
    known.made_of,
    known.minerals_total,
    known.vespene_total,
    known.build_time_game_loops

from intermediate.int_replay_moments as moments

inner join staging.stg_known_unit_type_eras as known
    on is_reached(
        moments.base_build, moments.data_build, moments.played_on,
        known.from_base_build, known.from_data_build, known.from_day
    )
    and not is_reached(
        moments.base_build, moments.data_build, moments.played_on,
        known.to_base_build, known.to_data_build, known.to_day
    )
