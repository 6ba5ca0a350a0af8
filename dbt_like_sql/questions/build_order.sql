-- Grain: one row per thing begun.


select
    players.name,
    steps.clock,
    steps.supply_used,
    if(steps.unit_count > 1, steps.unit_count || ' ', '') || steps.display_name as what,
    steps.start_method,
    round(game_seconds(steps.start_error_game_loops), 1) as error_seconds,
    steps.is_chronoboosted,
    steps.is_cancelled

from marts.fct_build_orders as steps

inner join marts.fct_replay_players as players using (replay_id, player_id)

where steps.replay_id in (from asked_game)
    and steps.started_game_loop < game_loop_at($minute)
    and not steps.is_worker
    and ($player is null or lower($player) in (lower(players.player_key), lower(players.name)))

order by steps.player_id, steps.step_number
