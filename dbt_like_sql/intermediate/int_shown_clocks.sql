-- Grain: one row per replay.
-- Screens count seconds of speed Normal (16 game loops) before Legacy of the Void and in co-op, of speed Faster elsewhere.
select replay_id, normal_seconds(clock_game_loops_per_second) = 1 as shows_normal_seconds

from intermediate.int_replay_rules
