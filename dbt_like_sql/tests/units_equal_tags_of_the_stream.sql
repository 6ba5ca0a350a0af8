-- Severity: error
-- Every tag of the stream is one unit, and no unit comes from elsewhere.
with

events as (

    select replay_id, count(distinct unit_tag) as tags

    from intermediate.int_unit_events

    group by replay_id

),

units as (

    select replay_id, count(*) as units

    from marts.fct_units

    group by replay_id

)

select coalesce(events.replay_id, units.replay_id) as replay_id, events.tags, units.units

from events

full outer join units on events.replay_id = units.replay_id

where events.tags is distinct from units.units
