-- Grain: one row per replay and player with samples of the economy.
with

-- The window of averages begins after the first minute, which has nothing to spend.
samples as (

    select
        economies.*,
        minerals + vespene as unspent,
        minerals_per_minute + vespene_per_minute as income,
        game_loop >= game_loop_at(1) as is_in_window,
        game_loop >= game_loop_at(1) and supply_used < 200 as is_in_window_before_max

    from intermediate.int_economy_samples as economies

    -- Who stays after the game earns nothing of it.
    inner join intermediate.int_lengths as lengths
        on economies.replay_id = lengths.replay_id and economies.game_loop <= lengths.duration_game_loops

)

select
    replay_id,
    player_id,
    count(*) filter (is_in_window) as samples,
    avg(income) filter (is_in_window) as average_income,
    avg(unspent) filter (is_in_window) as average_unspent,
    median(unspent) filter (is_in_window) as median_unspent,
    count(*) filter (is_in_window_before_max) as samples_before_max,
    avg(income) filter (is_in_window_before_max) as average_income_before_max,
    avg(unspent) filter (is_in_window_before_max) as average_unspent_before_max,
    if(max(game_loop) >= game_loop_at(3), arg_max(worker_count, game_loop) filter (game_loop <= game_loop_at(3)), null)
        as workers_at_3_minutes,
    if(max(game_loop) >= game_loop_at(5), arg_max(worker_count, game_loop) filter (game_loop <= game_loop_at(5)), null)
        as workers_at_5_minutes,
    if(max(game_loop) >= game_loop_at(8), arg_max(worker_count, game_loop) filter (game_loop <= game_loop_at(8)), null)
        as workers_at_8_minutes,
    max(worker_count) as max_worker_count,
    max(supply_used) as max_supply_used,
    arg_max(greatest(minerals_lost_army + vespene_lost_army, 0), game_loop) as resources_lost_army,
    arg_max(greatest(minerals_lost_economy + vespene_lost_economy, 0), game_loop) as resources_lost_economy,
    arg_max(greatest(minerals_lost_technology + vespene_lost_technology, 0), game_loop) as resources_lost_technology,
    arg_max(greatest(minerals_killed_army + vespene_killed_army, 0), game_loop) as resources_killed_army,
    arg_max(greatest(minerals_killed_economy + vespene_killed_economy, 0), game_loop) as resources_killed_economy,
    arg_max(greatest(minerals_killed_technology + vespene_killed_technology, 0), game_loop) as resources_killed_technology

from samples

group by replay_id, player_id
