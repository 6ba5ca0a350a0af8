-- Grain: one row per person or bot and player that they played; archon partners share one player.
with

people as (

    select replay_id, player_id, player_key, toon_handle, name, is_winner, mmr

    from marts.fct_replay_players

    where player_key is not null

    union all

    select replay_id, player_id, partner_toon_handle, partner_toon_handle, partner_name, is_winner, null

    from marts.fct_replay_players

    where partner_toon_handle is not null

)

select people.*, replays.played_at, replays.is_canonical

from people

inner join intermediate.int_replays as replays using (replay_id)
