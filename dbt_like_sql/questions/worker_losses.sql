-- Grain: one row per minute and type of killer.
with

losses as (

    select game_minute(deaths.game_loop) as minute, coalesce(deaths.killer_unit_type, 'unknown') as killer_unit_type

    from marts.fct_unit_deaths as deaths

    inner join marts.player_game_summary as games using (replay_id, player_id)

    where deaths.is_worker and ($matchup::text is null or games.matchup = $matchup)
        and ($player::text is null or lower($player) in (lower(games.player_key), lower(games.name)))

)

select
    minute,
    killer_unit_type,
    count(*) as workers_lost,
    round(count(*) / sum(count(*)) over (partition by minute), 3) as share_of_minute

from losses

group by minute, killer_unit_type

qualify row_number() over (partition by minute order by count(*) desc, killer_unit_type) <= $top

order by minute, workers_lost desc, killer_unit_type
