-- Grain: one row per replay and unit event.
-- How a unit stood after the event and before it: type (modes folded), owner, in progress or alive.
with

events as (

    select
        events.replay_id,
        events.source,
        events.event_index,
        -- A consumed unit is gone when what it becomes is begun.
        coalesce(if(events.event = 'died', consumed.consumed_game_loop, null), events.game_loop) as game_loop,
        events.event,
        events.unit_tag,
        types.base_unit_type,
        events.player_id

    from intermediate.int_unit_events as events

    left join intermediate.int_unit_types as types
        on events.replay_id = types.replay_id and events.unit_type = types.unit_type

    left join intermediate.int_consumed_units as consumed
        on events.replay_id = consumed.replay_id and events.unit_tag = consumed.unit_tag

),

states as (

    select
        *,
        last_value(base_unit_type ignore nulls) over unit_life as unit_type_after,
        last_value(player_id ignore nulls) over unit_life as player_id_after,
        -- The furthest it has come: rarely the stream still changes the type of a unit that has died.
        max(
            case event when 'init' then 1 when 'born' then 2 when 'done' then 2 when 'died' then 3 end
        ) over unit_life as stage_after

    from events

    window unit_life as (partition by replay_id, unit_tag order by event_index)

)

select
    replay_id,
    source,
    event_index,
    game_loop,
    event,
    unit_tag,
    unit_type_after,
    player_id_after,
    ['in_progress', 'alive', 'ended'][stage_after] as state_after,
    lag(unit_type_after) over unit_life as unit_type_before,
    lag(player_id_after) over unit_life as player_id_before,
    ['in_progress', 'alive', 'ended'][lag(stage_after) over unit_life] as state_before

from states

window unit_life as (partition by replay_id, unit_tag order by event_index)
