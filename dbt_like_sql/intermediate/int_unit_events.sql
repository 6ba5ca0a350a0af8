-- Grain: one row per replay and unit event, from the replay's chosen source.
select
    replay_id,
    source,
    event_index,
    game_loop,
    event,
    unit_tag,
    unit_type,
    player_id,
    x,
    y,
    if(event = 'died', 'died', null) as died_known_by,
    killer_player_id,
    killer_unit_tag,
    creator_unit_tag,
    creator_ability,
    null::boolean as is_hallucination

from staging.stg_unit_events

anti join (select replay_id from intermediate.int_replay_sources where source = 'sc2') using (replay_id)

union all

select *

from intermediate.int_engine_events

semi join (select replay_id from intermediate.int_replay_sources where source = 'sc2') using (replay_id)
