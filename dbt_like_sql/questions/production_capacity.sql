-- Grain: one row per race and step of income.
with

samples as (

    select
        games.race_actual,
        games.start_workers,
        (samples.minerals_per_minute + samples.vespene_per_minute)::integer // 500 * 500 as income_from,
        samples.unspent,
        games.replay_id,
        games.player_id

    from marts.fct_economy_snapshots as samples

    inner join asked_players as games using (replay_id, player_id)

    where samples.game_loop = sample_loop_at($minute)
        and games.race_actual in ('Terran', 'Protoss')

),

production as (

    select counts.replay_id, counts.player_id, sum(counts.alive_count) as buildings

    from marts.fct_unit_counts as counts

    inner join marts.dim_unit_types as types on counts.unit_type = types.unit_type

    where counts.game_loop = sample_loop_at($minute) and types.category = 'production'

    group by counts.replay_id, counts.player_id

)

select
    samples.race_actual,
    samples.start_workers,
    samples.income_from,
    count(*) as players,
    round(avg(coalesce(production.buildings, 0)), 1) as average_production,
    round(avg(samples.unspent)) as average_bank

from samples

left join production using (replay_id, player_id)

group by samples.race_actual, samples.start_workers, samples.income_from

order by samples.race_actual, samples.start_workers, samples.income_from
