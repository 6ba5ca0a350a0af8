-- Grain: one row per replay with players.
with

workers as (

    select replay_id, player_id, count(*) as start_workers

    from marts.fct_units

    where is_worker and finished_game_loop = 0

    group by replay_id, player_id

)

select
    players.replay_id,
    list(players.name order by players.player_id) as players,
    list(players.race_actual order by players.player_id) as races,
    list(players.mmr order by players.player_id) as ratings,
    string_agg(players.name, ' + ' order by players.player_id) filter (players.result = 'victory') as winner,
    string_agg(players.name, ' + ' order by players.player_id) filter (players.result = 'defeat') as loser,
    bool_and(players.toon_handle is null) filter (not players.is_computer) as has_bots,
    max(workers.start_workers) as start_workers

from marts.fct_replay_players as players

left join workers using (replay_id, player_id)

group by players.replay_id
