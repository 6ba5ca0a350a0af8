-- Severity: warn
-- No two sides of a game win it.
select replay_id, count(distinct side) as winning_sides

from marts.fct_replay_players

where is_winner

group by replay_id

having count(distinct side) > 1
