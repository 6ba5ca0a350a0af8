-- Grain: one row per race.
with

battles as (

    select sides.replay_id, sides.player_id, sides.reinforcement_resources, battles.ended_game_loop, games.race_actual

    from marts.fct_battles as battles

    inner join marts.fct_battle_players as sides using (replay_id, battle_number)

    inner join asked_players as games using (replay_id, player_id)

    where battles.kind = 'battle'

),

made as (

    select replay_id, player_id, finished_game_loop

    from marts.fct_units

    where is_army and not is_hallucination and finished_game_loop is not null

)

select
    battles.race_actual,
    count(*) as battles,
    round(game_seconds(median(made.finished_game_loop - battles.ended_game_loop)), 1) as median_seconds,
    round(avg(battles.reinforcement_resources)) as average_during

from battles

asof inner join made
    on battles.replay_id = made.replay_id
    and battles.player_id = made.player_id
    and battles.ended_game_loop < made.finished_game_loop

group by battles.race_actual

order by battles.race_actual
