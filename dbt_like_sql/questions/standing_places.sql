-- Grain: one row per player and square of 8 by 8 map cells.


select
    players.name,
    floor(snapshots.x / 8) * 8 as x_from,
    floor(snapshots.y / 8) * 8 as y_from,
    count(*) as unit_samples

from raw.unit_snapshots as snapshots

inner join marts.fct_replay_players as players
    on snapshots.replay_id = players.replay_id and snapshots.player_id = players.player_id

where snapshots.replay_id in (from asked_game)
    and snapshots.pass_player_id = snapshots.player_id
    and game_minute(snapshots.game_loop) = $minute
    and ($unit::text is null or lower($unit) in (lower(snapshots.unit_type), lower(display_name(snapshots.unit_type))))

group by players.name, floor(snapshots.x / 8) * 8, floor(snapshots.y / 8) * 8

order by unit_samples desc, players.name, x_from, y_from
