-- Grain: one row per minute.
select
    games.start_workers,
    game_minute(samples.game_loop) as minute,
    count(*) as samples,
    round(avg(coalesce(larvae.alive_count, 0)), 1) as average_larvae,
    round(avg(samples.minerals)) as average_minerals

from marts.fct_economy_snapshots as samples

inner join asked_players as games using (replay_id, player_id)

left join marts.fct_unit_count_runs as larvae
    on samples.replay_id = larvae.replay_id
    and samples.player_id = larvae.player_id
    and samples.game_loop >= larvae.from_game_loop
    and samples.game_loop < larvae.until_game_loop
    and larvae.unit_type = 'Larva'

where games.race_actual = 'Zerg'

group by games.start_workers, game_minute(samples.game_loop)

order by games.start_workers, minute
