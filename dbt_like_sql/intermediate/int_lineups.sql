-- Grain: one row per replay with players.
select
    replay_id,
    list(name order by player_id) as players,
    list(race_actual order by player_id) as races,
    list(mmr order by player_id) as ratings,
    string_agg(name, ' + ' order by player_id) filter (result = 'victory') as winner,
    string_agg(name, ' + ' order by player_id) filter (result = 'defeat') as loser

from marts.fct_replay_players

group by replay_id
