-- Grain: one row per minute.
select
    games.start_workers,
    game_minute(counts.game_loop) as minute,
    count(*) as samples,
    round(avg(counts.alive_count), 1) as average_larvae,
    round(avg(samples.minerals)) as average_minerals

from marts.fct_unit_counts as counts

inner join asked_players as games using (replay_id, player_id)

inner join marts.fct_economy_snapshots as samples using (replay_id, player_id, game_loop)

where counts.unit_type = 'Larva'
    and counts.alive_count > 0
    and games.race_actual = 'zerg'

group by games.start_workers, game_minute(counts.game_loop)

order by games.start_workers, minute
