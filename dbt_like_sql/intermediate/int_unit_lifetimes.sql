-- Grain: one row per replay and unit.
select
    replay_id,
    unit_tag,
    source,
    min(event_index) as first_event_index,
    min(event) filter (event in ('born', 'init')) as first_event,
    min(game_loop) filter (event = 'init') as init_game_loop,
    min(game_loop) filter (event in ('born', 'done')) as finished_game_loop,
    min(game_loop) filter (event = 'died') as died_game_loop,
    max(event_index) filter (event = 'died') as died_event_index,
    min(died_known_by) as died_known_by,
    arg_min(unit_type, event_index) filter (unit_type is not null) as first_unit_type,
    arg_max(unit_type, event_index) filter (unit_type is not null) as last_unit_type,
    arg_min(player_id, event_index) filter (player_id is not null) as first_player_id,
    arg_max(player_id, event_index) filter (player_id is not null) as last_player_id,
    count(*) filter (event = 'owner_change') as owner_change_count,
    count(*) filter (event = 'type_change') as type_change_count,
    min(x) filter (event in ('born', 'init')) as birth_x,
    min(y) filter (event in ('born', 'init')) as birth_y,
    min(x) filter (event = 'died') as death_x,
    min(y) filter (event = 'died') as death_y,
    min(killer_player_id) as killer_player_id,
    min(killer_unit_tag) as killer_unit_tag,
    min(creator_unit_tag) as creator_unit_tag,
    min(creator_ability) as creator_ability,
    bool_or(is_hallucination) as is_hallucination

from intermediate.int_unit_events

group by replay_id, unit_tag, source
