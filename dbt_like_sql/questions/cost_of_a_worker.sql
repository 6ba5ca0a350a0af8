-- Grain: one row per minute of game time.
with

deaths as (

    select deaths.replay_id, deaths.player_id, deaths.game_loop, games.duration_seconds

    from marts.fct_unit_deaths as deaths

    inner join asked_players as games using (replay_id, player_id)

    where deaths.is_worker

)

select
    game_minute(deaths.game_loop) as minute,
    count(*) as workers_lost,
    round(sum(economies.minerals_per_minute + economies.vespene_per_minute) / sum(economies.worker_count), 1)
        as rate_per_worker,
    round(avg(
        50 + (economies.minerals_per_minute + economies.vespene_per_minute) / economies.worker_count
        * least($minutes, (deaths.duration_seconds - game_seconds(deaths.game_loop)) / 60)
    )) as estimated_cost

from deaths

asof inner join marts.fct_economy_snapshots as economies
    on deaths.replay_id = economies.replay_id
    and deaths.player_id = economies.player_id
    and deaths.game_loop > economies.game_loop

where economies.worker_count > 0

group by game_minute(deaths.game_loop)

order by minute
