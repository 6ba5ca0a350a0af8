-- Severity: warn
-- No two sides of a game win it, as the file tells it; where they do, the marts call the game undecided.
select players.replay_id, count(distinct players.side) as winning_sides

from marts.fct_replay_players as players

inner join staging.stg_replay_players as recorded
    on players.replay_id = recorded.replay_id and players.player_id = recorded.player_id

where recorded.result = 'victory'

group by players.replay_id

having count(distinct players.side) > 1
