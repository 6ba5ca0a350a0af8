-- Grain: one row per map, matchup and race.
with

games as (

    select
        games.map_key,
        games.map_name,
        games.matchup,
        players.race_letter as race,
        games.is_winner,
        sqrt((home.x - enemy.x) ** 2 + (home.y - enemy.y) ** 2) as cells

    from asked_players as games

    inner join marts.fct_replay_players as players using (replay_id, player_id)

    inner join marts.fct_bases as home
        on games.replay_id = home.replay_id and games.player_id = home.player_id and home.base_number = 1

    inner join marts.fct_bases as enemy
        on games.replay_id = enemy.replay_id and games.opponent_player_id = enemy.player_id and enemy.base_number = 1

    where games.is_winner is not null
        and games.race_actual != games.opponent_race_actual

)

select
    games.map_name,
    round(avg(games.cells)) as cells_between_starts,
    games.matchup,
    games.race,
    count(*) as games,
    count(*) filter (games.is_winner) as wins,
    round(count(*) filter (games.is_winner) / count(*), 3) as win_rate

from games

group by games.map_key, games.map_name, games.matchup, games.race

order by games desc, games.map_name, games.matchup, games.race, games.map_key
