-- Grain: one row per game of one against one of people, player and economy sample.
select vectors.*

from intermediate.int_state_vectors as vectors

inner join marts.games as games using (replay_id)

where games.left_out_by is null
