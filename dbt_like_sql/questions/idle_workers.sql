-- Grain: one row per game and player.
select
    games.replay_id,
    any_value(games.game) as game,
    any_value(games.name) as name,
    round(max(snapshots.idle_worker_time), 1) as idle_worker_seconds,
    max(snapshots.idle_worker_count) as most_idle_workers

from raw.player_snapshots as snapshots

inner join asked_players as games using (replay_id, player_id)

where snapshots.pass_player_id = snapshots.player_id

group by games.replay_id, games.player_id

order by games.replay_id, games.player_id
