-- Grain: one row per replay the game ran and unit event, told as the tracker tells them.
with

told as (

    select
        replay_id, unit_tag, event, game_loop, unit_type, player_id, x, y, killer_player_id, killer_unit_tag,
        creator_unit_tag, creator_ability

    from staging.stg_unit_events

    semi join (select replay_id from intermediate.int_replay_sources where has_sc2) using (replay_id)

    where event in ('born', 'died')

),

events as (

    select
        replay_id,
        unit_tag,
        case
            when not is_complete then begun_game_loop
            when previous_game_loop < 0 and game_loop <= 1 then 0
            else game_loop
        end as game_loop,
        if(is_complete, 'born', 'init') as event,
        if(is_complete, 1, 0) as event_order,
        unit_type,
        player_id,
        x,
        y,
        is_hallucination,
        null as died_known_by,
        null as killer_player_id,
        null as killer_unit_tag

    from intermediate.int_engine_sights

    where sight_number = 1

    union all

    select replay_id, unit_tag, game_loop, 'type_change', 2, unit_type, null, null, null, null, null, null, null

    from intermediate.int_engine_sights

    where unit_type != unit_type_before

    union all

    select replay_id, unit_tag, game_loop, 'done', 3, null, null, null, null, null, null, null, null

    from intermediate.int_engine_sights

    where sight_number > 1 and is_complete and not was_complete

    union all

    select replay_id, unit_tag, game_loop, 'owner_change', 4, null, player_id, null, null, null, null, null, null

    from intermediate.int_engine_sights

    where player_id != player_id_before

    union all

    select
        replay_id, unit_tag, game_loop, 'died', 5, null, null, x, y, null, died_known_by, killer_player_id,
        killer_unit_tag

    from intermediate.int_engine_ends

)

select
    events.replay_id,
    'sc2' as source,
    (
        row_number() over (
            partition by events.replay_id order by events.game_loop, events.event_order, events.unit_tag
        ) - 1
    )::integer as event_index,
    events.game_loop::integer as game_loop,
    events.event,
    events.unit_tag,
    events.unit_type,
    events.player_id,
    events.x,
    events.y,
    -- Where the replay's own events are at hand too, who killed and who made a unit is exact.
    if(told.unit_tag is null or events.event != 'died', events.died_known_by, 'died') as died_known_by,
    if(told.unit_tag is null, events.killer_player_id, told.killer_player_id)::smallint as killer_player_id,
    if(told.unit_tag is null, events.killer_unit_tag, told.killer_unit_tag) as killer_unit_tag,
    told.creator_unit_tag,
    told.creator_ability,
    events.is_hallucination

from events

left join told
    on events.replay_id = told.replay_id and events.unit_tag = told.unit_tag and events.event = told.event
