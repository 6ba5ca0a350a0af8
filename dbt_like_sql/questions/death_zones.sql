-- Grain: one row per map and square of 8 by 8 map cells.
with

deaths as (

    select
        games.map_key,
        games.map_name,
        floor(deaths.x / 8) * 8 as x_from,
        floor(deaths.y / 8) * 8 as y_from,
        coalesce(deaths.minerals_lost + deaths.vespene_lost, 0) as resources

    from marts.fct_unit_deaths as deaths

    inner join asked_games as games using (replay_id)

    where not deaths.is_summoned

)

select
    map_name,
    x_from,
    y_from,
    count(*) as deaths,
    sum(resources)::integer as resources_lost,
    round(count(*) / sum(count(*)) over (partition by map_key), 3) as share_of_map

from deaths

group by map_key, map_name, x_from, y_from

order by deaths desc, map_name, x_from, y_from, map_key

limit $rows
