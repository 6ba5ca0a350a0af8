-- Grain: one row per matchup.
with

games as (

    select games.replay_id, any_value(games.matchup) as matchup, any_value(games.start_workers) as start_workers, any_value(games.duration_seconds) / 60 as minutes

    from asked_players as games

    where games.is_winner is not null

    group by games.replay_id

),

leads as (

    select
        replay_id,
        army_value + 50 * worker_count as winners,
        opponent_army_value + 50 * opponent_worker_count as losers

    from intermediate.int_state_vectors

    where label_is_winner and game_loop = sample_loop_at($minute)

)

select
    games.matchup,
    games.start_workers,
    count(*) as games,
    round(quantile_cont(games.minutes, 0.25), 1) as quarter_minutes,
    round(median(games.minutes), 1) as median_minutes,
    round(quantile_cont(games.minutes, 0.75), 1) as three_quarters_minutes,
    count(*) filter (greatest(leads.winners, leads.losers) >= 1.15 * least(leads.winners, leads.losers))
        as games_with_a_lead,
    count(*) filter (leads.losers >= 1.15 * leads.winners) as comebacks,
    round(
        count(*) filter (leads.losers >= 1.15 * leads.winners) / nullif(
            count(*) filter (greatest(leads.winners, leads.losers) >= 1.15 * least(leads.winners, leads.losers)), 0
        ),
        3
    ) as comeback_rate

from games

left join leads using (replay_id)

group by games.matchup, games.start_workers

order by games.matchup nulls last, games.start_workers
