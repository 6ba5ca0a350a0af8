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

    inner join marts.games as games using (replay_id)

    where games.game_mode = '1v1'
        and ($map::text is null or games.map_key in (
            select map_key from marts.dim_maps where contains(lower(array_to_string(map_names_seen, chr(10))), lower($map))
        ))
        and ($matchup::text is null or games.matchup = $matchup)

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
