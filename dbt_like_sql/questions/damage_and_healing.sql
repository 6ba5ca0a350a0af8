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
    samples.damage_taken_life + samples.damage_taken_shields as damage_taken,
    samples.damage_dealt_life + samples.damage_dealt_shields as damage_dealt,
    samples.healed_life + samples.healed_shields as healed,
    games.units_lost,
    round((samples.damage_taken_life + samples.damage_taken_shields) / nullif(games.units_lost, 0), 1) as damage_per_loss

from last_samples as samples

inner join asked_players as games using (replay_id, player_id)

order by games.replay_id, games.player_id
