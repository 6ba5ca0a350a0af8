-- Severity: error
-- Every type_change event is one row of fct_unit_type_changes.
select replay_id, event_index

from intermediate.int_unit_events

anti join marts.fct_unit_type_changes using (replay_id, event_index)

where event = 'type_change'
