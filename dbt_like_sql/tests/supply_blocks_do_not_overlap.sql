-- Severity: error
-- A player's supply blocks follow one another, and last no longer than the player's samples.
select
    replay_id,
    player_id,
    started_game_loop,
    ended_game_loop,
    lead(started_game_loop) over (partition by replay_id, player_id, definition order by started_game_loop) as next_start

from marts.fct_supply_blocks

qualify ended_game_loop < started_game_loop or ended_game_loop > next_start
