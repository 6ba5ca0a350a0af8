-- Severity: error
-- A player's supply blocks follow one another, and last no longer than the player's samples.
select
    replay_id,
    player_id,
    start_game_loop,
    end_game_loop,
    lead(start_game_loop) over (partition by replay_id, player_id, definition order by start_game_loop) as next_start

from marts.fct_supply_blocks

qualify end_game_loop < start_game_loop or end_game_loop > next_start
