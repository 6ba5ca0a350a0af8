-- Grain: one row per step of the difference in MMR.
select
    (mmr - opponent_mmr)::integer // 100 * 100 as mmr_gap_from,
    count(*) as games,
    count(*) filter (not is_winner) as upsets,
    round(count(*) filter (not is_winner) / count(*), 3) as upset_rate,
    round(1 / (1 + 10 ** (avg(mmr - opponent_mmr) / 400)), 3) as expected_rate

from marts.players_in_games

where mmr > opponent_mmr and is_winner is not null and game_mode = '1v1' and ($matchup::text is null or matchup = $matchup)

group by (mmr - opponent_mmr)::integer // 100 * 100

order by mmr_gap_from
