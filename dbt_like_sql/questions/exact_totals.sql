-- Grain: one row per game and player.
with

last_samples as (

    select * from raw.player_snapshots

    where pass_player_id = player_id

    qualify row_number() over (partition by replay_id, player_id order by game_loop desc) = 1

)

select
    games.replay_id,
    games.game,
    games.name,
    samples.minerals_collected,
    samples.vespene_collected,
    samples.minerals_spent,
    samples.vespene_spent,
    samples.minerals_lost_army + samples.minerals_lost_economy + samples.minerals_lost_technology
    + samples.vespene_lost_army + samples.vespene_lost_economy + samples.vespene_lost_technology as resources_lost

from last_samples as samples

inner join asked_players as games using (replay_id, player_id)

order by games.replay_id, games.player_id
