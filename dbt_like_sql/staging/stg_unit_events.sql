-- Grain: one row per replay and unit event.
select
    replay_id,
    source,
    event_index,
    game_loop,
    event,
    unit_tag,
    unit_tag >> 18 as unit_index,
    unit_tag & 262143 as unit_recycle,
    unit_type,
    player_id,
    upkeep_player_id,
    x,
    y,
    killer_player_id,
    killer_unit_tag,
    creator_unit_tag,
    nullif(creator_ability, '') as creator_ability

from raw.unit_events
