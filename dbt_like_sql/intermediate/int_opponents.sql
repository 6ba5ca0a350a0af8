-- Grain: one row per replay of one against one, and player.
select
    players.replay_id,
    players.player_id,
    any_value(others.player_id) as opponent_player_id,
    any_value(others.player_key) as opponent_player_key,
    any_value(others.name) as opponent_name,
    any_value(others.race_actual) as opponent_race_actual

from marts.fct_replay_players as players

inner join marts.fct_replay_players as others
    on players.replay_id = others.replay_id and players.player_id != others.player_id

group by players.replay_id, players.player_id

having count(*) = 1
