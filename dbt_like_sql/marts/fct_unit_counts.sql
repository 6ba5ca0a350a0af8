-- Grain: one row per replay, sample, player and unit type of which the player had any so far.
select
    runs.replay_id,
    runs.source,
    samples.game_loop,
    game_seconds(samples.game_loop) as seconds,
    runs.player_id,
    runs.unit_type,
    runs.alive_count,
    runs.in_progress_count,
    runs.started_count,
    runs.finished_count,
    runs.lost_count,
    game_minute(samples.game_loop) as game_minute

from marts.fct_unit_count_runs as runs

inner join intermediate.int_sample_loops as samples
    on runs.replay_id = samples.replay_id
    and runs.from_game_loop <= samples.game_loop
    and runs.until_game_loop > samples.game_loop
