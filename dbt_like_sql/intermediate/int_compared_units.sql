-- Grain: one row per replay that both sources tell of, source, player and unit.
with

both_sources as (

    select replay_id from intermediate.int_replay_sources where has_tracker and is_sc2_complete

),

events as (

    select replay_id, source, event_index, event, unit_tag, player_id, unit_type

    from staging.stg_unit_events

    semi join both_sources using (replay_id)

    union all

    select replay_id, source, event_index, event, unit_tag, player_id, unit_type

    from intermediate.int_engine_events

    semi join both_sources using (replay_id)

    where died_known_by is distinct from 'vanished'

)

select
    replay_id,
    source,
    unit_tag,
    arg_min(player_id, event_index) filter (player_id is not null) as first_player_id,
    arg_max(player_id, event_index) filter (player_id is not null) as last_player_id,
    arg_min(unit_type, event_index) filter (unit_type is not null) as first_unit_type,
    bool_or(event in ('born', 'init')) as is_born,
    bool_or(event = 'died') as is_dead

from events

group by replay_id, source, unit_tag
