-- Severity: error
-- A replay has as many units that died as its stream has tags with a died event.
with

events as (

    select replay_id, count(distinct unit_tag) as died

    from intermediate.int_unit_events

    where event = 'died'

    group by replay_id

),

units as (

    select replay_id, count(died_game_loop) as died

    from marts.fct_units

    group by replay_id

)

select units.replay_id, units.died as died_units, coalesce(events.died, 0) as died_events

from units

left join events on units.replay_id = events.replay_id

where units.died != coalesce(events.died, 0)
