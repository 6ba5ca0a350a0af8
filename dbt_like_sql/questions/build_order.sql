-- Grain: one row per thing begun.


select
    players.name,
    steps.clock,
    steps.supply_used,
    if(steps.unit_count > 1, steps.unit_count || ' ', '') || steps.display_name as what,
    steps.start_method,
    round(shown_seconds(steps.start_error_game_loops, steps.clock_speed), 1) as error_seconds,
    steps.is_chronoboosted,
    steps.is_cancelled,
    steps.clock_speed

from marts.fct_build_orders as steps

inner join marts.fct_replay_players as players using (replay_id, player_id)

where steps.replay_id in (from asked_game)
    and shown_seconds(steps.started_game_loop, steps.clock_speed) < $minute * 60
    and not steps.is_worker
    and ($player is null or lower($player) in (lower(players.player_key), lower(players.name)))

order by steps.player_id, steps.step_number
