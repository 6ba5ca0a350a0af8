-- Grain: one row per map and square of 8 by 8 map cells.
with

deaths as (

    select
        maps.map_name,
        floor(deaths.x / 8) * 8 as x_from,
        floor(deaths.y / 8) * 8 as y_from,
        coalesce(deaths.minerals_lost + deaths.vespene_lost, 0) as resources

    from marts.fct_unit_deaths as deaths

    inner join marts.dim_replays as replays using (replay_id)

    inner join marts.dim_maps as maps using (map_key)

    where replays.is_canonical
        and replays.game_mode = '1v1'
        and ($map::text is null or contains(lower(maps.map_name), lower($map)))
        and ($matchup::text is null or replays.matchup = $matchup)

)

select
    map_name,
    x_from,
    y_from,
    count(*) as deaths,
    sum(resources)::integer as resources_lost,
    round(count(*) / sum(count(*)) over (partition by map_name), 3) as share_of_map

from deaths

group by map_name, x_from, y_from

order by deaths desc, map_name, x_from, y_from

limit $rows
