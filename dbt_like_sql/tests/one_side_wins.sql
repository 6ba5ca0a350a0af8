-- Severity: warn
-- No two sides of a game win it; co-op partners stand on sides of their own.
select players.replay_id, count(distinct players.team) as winning_sides

from marts.fct_replay_players as players

inner join marts.dim_replays as replays on players.replay_id = replays.replay_id

where players.is_winner and not replays.is_coop

group by players.replay_id

having count(distinct players.team) > 1
