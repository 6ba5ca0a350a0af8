-- Looks at: players of counted games
-- Explained in: definitions.md#measures
-- Holds: Averages and quotients are NULL for whoever has nothing to divide by.
-- Why: A rate over no sample reads as a bad player, and moves the averages of all.
-- Reading: A finding is a defect of ours.
with

samples as (

    select replay_id, player_id, count(*) as samples, max(game_loop) as last_game_loop

    from marts.fct_economy_snapshots

    group by replay_id, player_id

)

select
    summaries.replay_id,
    case
        when samples.samples is null and coalesce(
            summaries.spending_quotient, summaries.average_income, summaries.average_unspent, summaries.max_worker_count,
            summaries.supply_blocked_seconds
        ) is not null
            then format('player {} has averages, and no sample', summaries.player_id)
        when coalesce(samples.samples, 0) < 5 and summaries.spending_quotient is not null
            then format('player {} has a spending quotient of {} samples', summaries.player_id, samples.samples)
        when coalesce(samples.last_game_loop, 0) < sample_loop_at(5) and summaries.workers_at_5_minutes is not null
            then format('player {} has workers at 5:00, and no sample there', summaries.player_id)
        when isnan(summaries.spending_quotient) or isinf(summaries.spending_quotient)
            then format('player {} has a spending quotient of {}', summaries.player_id, summaries.spending_quotient)
    end as finding,
    false as is_explained

from marts.player_game_summary as summaries

left join samples on summaries.replay_id = samples.replay_id and summaries.player_id = samples.player_id
