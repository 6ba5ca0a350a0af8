-- Grain: one row per replay and unit.
select
    lives.replay_id,
    lives.unit_tag,
    lives.source,
    lives.first_player_id as player_id,
    lives.last_player_id,
    lives.owner_change_count,
    lives.last_unit_type as unit_type,
    types.base_unit_type,
    lives.first_unit_type,
    coalesce(types.category, 'unknown') as category,
    types.is_worker,
    types.is_army,
    types.is_structure,
    ends.is_hallucination,
    starts.started_game_loop,
    starts.start_method,
    lives.finished_game_loop,
    game_seconds(lives.finished_game_loop) as finished_seconds,
    case
        when lives.finished_game_loop is not null then if(lives.first_event = 'init', 'done', 'born')
    end as finish_method,
    lives.died_game_loop,
    lives.died_known_by,
    ends.ended_game_loop,
    game_seconds(ends.ended_game_loop) as ended_seconds,
    ends.end_reason,
    ends.is_loss,
    ends.ended_game_loop - lives.finished_game_loop as lifetime_game_loops,
    ends.became_unit_tag,
    lives.creator_unit_tag as producer_unit_tag,
    producers.last_unit_type as producer_unit_type,
    lives.creator_ability as producer_ability,
    lives.birth_x,
    lives.birth_y,
    lives.death_x,
    lives.death_y,
    lives.killer_player_id,
    lives.killer_unit_tag,
    if(rules.deaths_name_killers, coalesce(kills.kill_count, 0), null) as kill_count,
    if(rules.deaths_name_killers, coalesce(kills.minerals_killed, 0), null) as minerals_killed,
    if(rules.deaths_name_killers, coalesce(kills.vespene_killed, 0), null) as vespene_killed,
    starts.start_error_game_loops

from intermediate.int_unit_lifetimes as lives

inner join intermediate.int_unit_ends as ends
    on lives.replay_id = ends.replay_id and lives.unit_tag = ends.unit_tag

inner join intermediate.int_replay_rules as rules on lives.replay_id = rules.replay_id

left join intermediate.int_unit_starts as starts
    on lives.replay_id = starts.replay_id and lives.unit_tag = starts.unit_tag

left join intermediate.int_unit_types as types
    on lives.replay_id = types.replay_id and lives.last_unit_type = types.unit_type

left join intermediate.int_unit_lifetimes as producers
    on lives.replay_id = producers.replay_id and lives.creator_unit_tag = producers.unit_tag

left join intermediate.int_unit_kills as kills
    on lives.replay_id = kills.replay_id and lives.unit_tag = kills.unit_tag
