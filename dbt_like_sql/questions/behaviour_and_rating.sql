-- Grain: one row per race and habit.
with

games as (

    select
        games.race_actual,
        games.start_workers,
        games.mmr,
        games.mmr > median(games.mmr) over (partition by games.race_actual, games.start_workers) as is_high,
        unnest([
            {'habit': 'apm', 'value': games.apm::double, 'of': 1.0},
            {'habit': 'spending_quotient', 'value': games.spending_quotient, 'of': 1.0},
            {'habit': 'workers_at_5_minutes', 'value': games.workers_at_5_minutes::double, 'of': 1.0},
            {'habit': 'effective_supply_blocked_seconds_per_minute',
                'value': games.effective_supply_blocked_seconds, 'of': games.duration_seconds / 60},
            {'habit': 'average_unspent', 'value': games.average_unspent, 'of': 1.0},
            {'habit': 'average_income', 'value': games.average_income, 'of': 1.0}
        ], recursive := true)

    from asked_players as games

    where games.mmr is not null

)

select
    race_actual,
    start_workers,
    habit,
    count(value) as player_games,
    round(if(count(distinct mmr) > 1 and count(distinct value / of) > 1, corr(mmr, value / of), null), 2) as correlation,
    round(sum(value) filter (not is_high) / sum(of) filter (not is_high and value is not null), 1) as low_half,
    round(sum(value) filter (is_high) / sum(of) filter (is_high and value is not null), 1) as high_half

from games

group by race_actual, start_workers, habit

having count(value) > 0

order by race_actual, start_workers, abs(correlation) desc nulls last, habit
