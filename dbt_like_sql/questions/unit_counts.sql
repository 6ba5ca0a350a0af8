-- Grain: one row per player and unit type that the player had any of.


select
    players.name,
    display_name(counts.unit_type) as unit_type,
    counts.alive_count,
    counts.in_progress_count,
    counts.lost_count

from marts.fct_unit_counts as counts

inner join marts.fct_replay_players as players using (replay_id, player_id)

where counts.replay_id in (from asked_game)
    and counts.game_loop = sample_loop_at($minute)
    and (counts.alive_count > 0 or counts.in_progress_count > 0)

order by counts.player_id, counts.alive_count desc, counts.unit_type
