-- Grain: one row per map, difficulty and result.
select
    games.map_name,
    missions.difficulty,
    case when missions.is_won then 'victory' when not missions.is_won then 'defeat' end as result,
    count(*) as games,
    clock(min(games.duration_game_loops), true) as fastest,
    clock(median(games.duration_game_loops), true) as median

from asked_games as games

inner join marts.fct_coop_games as missions using (replay_id)

group by games.map_key, games.map_name, missions.difficulty, missions.is_won

order by games desc, games.map_name, missions.difficulty, result
