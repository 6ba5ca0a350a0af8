-- Grain: one row per player and unit type that the player had any of.
with

game as (

    select replay_id

    from marts.dim_replays

    where $replay::text is null or replay_id = $replay

    order by game_mode = '1v1' desc, played_at desc nulls last, replay_id

    limit 1

)

select
    players.name,
    counts.unit_type,
    counts.alive_count,
    counts.in_progress_count,
    counts.lost_count

from marts.fct_unit_counts as counts

inner join marts.fct_replay_players as players using (replay_id, player_id)

where counts.replay_id in (from game)
    and counts.game_loop = sample_loop_at($minute)
    and (counts.alive_count > 0 or counts.in_progress_count > 0)

order by counts.player_id, counts.alive_count desc, counts.unit_type
