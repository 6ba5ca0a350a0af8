-- Grain: one row per step of the difference in MMR.
select
    (games.mmr - rivals.mmr)::integer // 100 * 100 as mmr_gap_from,
    count(*) as games,
    count(*) filter (not games.is_winner) as upsets,
    round(count(*) filter (not games.is_winner) / count(*), 3) as upset_rate,
    round(1 / (1 + 10 ** (avg(games.mmr - rivals.mmr) / 400)), 3) as expected_rate

from marts.player_game_summary as games

inner join marts.player_game_summary as rivals
    on games.replay_id = rivals.replay_id and games.opponent_player_id = rivals.player_id

where games.mmr > rivals.mmr and games.is_winner is not null and games.game_mode = '1v1' and ($matchup::text is null or games.matchup = $matchup)

group by (games.mmr - rivals.mmr)::integer // 100 * 100

order by mmr_gap_from
