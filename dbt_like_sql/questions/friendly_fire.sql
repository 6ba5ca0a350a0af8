-- Grain: one row per race.
with

totals as (

    select
        games.race_actual,
        arg_max(samples.minerals_friendly_fire_army + samples.vespene_friendly_fire_army, samples.game_loop) as army,
        arg_max(samples.minerals_friendly_fire_economy + samples.vespene_friendly_fire_economy, samples.game_loop)
            as economy,
        arg_max(
            samples.minerals_friendly_fire_technology + samples.vespene_friendly_fire_technology, samples.game_loop
        ) as technology

    from marts.fct_economy_snapshots as samples

    inner join asked_players as games using (replay_id, player_id)

    group by games.race_actual, samples.replay_id, samples.player_id

)

select
    race_actual,
    count(army) as player_games,
    count(*) filter (army + economy + technology > 0) as games_with_any,
    round(avg(army)) as average_army,
    round(avg(economy)) as average_economy,
    max(army + economy + technology) as most

from totals

group by race_actual

having count(army) > 0

order by race_actual
