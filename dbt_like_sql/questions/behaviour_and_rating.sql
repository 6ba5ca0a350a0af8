-- Grain: one row per race and habit.
with

games as (

    select
        games.race_actual,
        games.start_workers,
        games.mmr,
        games.mmr > median(games.mmr) over (partition by games.race_actual, games.start_workers) as is_high,
        unnest([
            {'habit': 'apm', 'value': games.apm::double},
            {'habit': 'spending_quotient', 'value': games.spending_quotient},
            {'habit': 'workers_at_5_minutes', 'value': games.workers_at_5_minutes::double},
            {'habit': 'supply_blocked_seconds_per_minute',
                'value': games.supply_blocked_seconds / nullif(games.duration_seconds / 60, 0)},
            {'habit': 'average_unspent', 'value': games.average_unspent},
            {'habit': 'average_income', 'value': games.average_income}
        ], recursive := true)

    from asked_players as games

    where games.mmr is not null

)

select
    race_actual,
    start_workers,
    habit,
    count(value) as player_games,
    round(if(count(distinct mmr) > 1 and count(distinct value) > 1, corr(mmr, value), null), 2) as correlation,
    round(avg(value) filter (not is_high), 1) as low_half,
    round(avg(value) filter (is_high), 1) as high_half

from games

group by race_actual, start_workers, habit

having count(value) > 0

order by race_actual, start_workers, abs(correlation) desc nulls last, habit
