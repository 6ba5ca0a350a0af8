-- Severity: error
-- No unit is finished before it is begun, or ended before it is finished.
select replay_id, unit_tag, unit_type, started_game_loop, finished_game_loop, ended_game_loop

from marts.fct_units

where started_game_loop > finished_game_loop
    or finished_game_loop > ended_game_loop
    or started_game_loop > ended_game_loop
