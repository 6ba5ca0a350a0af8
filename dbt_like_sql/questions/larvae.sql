-- Grain: one row per minute.
select
    game_minute(counts.game_loop) as minute,
    count(*) as samples,
    round(avg(counts.alive_count), 1) as average_larvae,
    round(avg(samples.minerals)) as average_minerals

from marts.fct_unit_counts as counts

inner join marts.player_game_summary as games using (replay_id, player_id)

inner join marts.fct_economy_snapshots as samples using (replay_id, player_id, game_loop)

where counts.unit_type = 'Larva'
    and counts.alive_count > 0
    and games.game_mode = '1v1'
    and games.race_actual = 'zerg'
    and ($matchup::text is null or games.matchup = $matchup)
        and ($player::text is null or lower($player) in (lower(games.player_key), lower(games.name)))

group by game_minute(counts.game_loop)

order by minute
