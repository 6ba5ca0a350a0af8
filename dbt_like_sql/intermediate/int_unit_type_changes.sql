-- Grain: one row per replay and type change of a unit.
with

changed as (

    select distinct replay_id, unit_tag

    from intermediate.int_unit_events

    where event = 'type_change'

),

named as (

    select
        events.*,
        last_value(events.player_id ignore nulls) over unit_life as owner_player_id,
        last_value(events.unit_type ignore nulls) over unit_life as unit_type_after

    from intermediate.int_unit_events as events

    semi join changed on events.replay_id = changed.replay_id and events.unit_tag = changed.unit_tag

    where events.event in ('born', 'init', 'type_change', 'owner_change')

    window unit_life as (partition by events.replay_id, events.unit_tag order by events.event_index)

),

changes as (

    select
        *,
        lag(unit_type_after) over unit_life as from_unit_type,
        lag(game_loop) over unit_life as from_game_loop

    from named

    where event != 'owner_change'

    window unit_life as (partition by replay_id, unit_tag order by event_index)

)

select
    replay_id,
    source,
    event_index,
    game_loop,
    unit_tag,
    owner_player_id as player_id,
    from_unit_type,
    from_game_loop,
    unit_type as to_unit_type

from changes

where event = 'type_change'
