-- Grain: one row per replay of co-op.
select
    games.* exclude (map_version_key),
    maps.map_key,
    maps.map_name,
    missions.name as mission

from intermediate.int_coop_games as games

left join marts.dim_map_versions as maps using (map_version_key)

left join raw.known_coop_names as missions on missions.kind = 'mission' and maps.map_name = missions.name
