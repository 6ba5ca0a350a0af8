-- Grain: one row per minute and type of killer.
with

losses as (

    select games.start_workers, game_minute(deaths.game_loop) as minute, display_name(deaths.killer_unit_type) as killer_unit_type

    from marts.fct_unit_deaths as deaths

    inner join asked_players as games using (replay_id, player_id)

    where deaths.is_worker

)

select
    start_workers,
    minute,
    killer_unit_type,
    count(*) as workers_lost,
    round(count(*) / sum(count(*)) over (partition by start_workers, minute), 3) as share_of_minute,
    (sum(count(*)) over (partition by start_workers, minute))::integer as killers_known

from losses

where killer_unit_type is not null

group by start_workers, minute, killer_unit_type

qualify row_number() over (partition by start_workers, minute order by count(*) desc, killer_unit_type) <= $top

order by start_workers, minute, workers_lost desc, killer_unit_type
