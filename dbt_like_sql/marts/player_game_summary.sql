-- Grain: one row per game (its canonical replay) and player.
select
    games.* exclude (map_version_key),
    maps.map_key,
    maps.map_name,
    games.map_version_key

from intermediate.int_player_games as games

left join marts.dim_map_versions as maps using (map_version_key)
