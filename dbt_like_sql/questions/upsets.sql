-- Grain: one row per step of the difference in MMR.
select
    (mine.mmr - theirs.mmr)::integer // 100 * 100 as mmr_gap_from,
    count(*) as games,
    count(*) filter (not mine.is_winner) as upsets,
    round(count(*) filter (not mine.is_winner) / count(*), 3) as upset_rate,
    round(avg(1 / (1 + 10 ** ((mine.mmr - theirs.mmr) / 400))), 3) as expected_rate

from asked_players as mine

inner join marts.player_game_summary as theirs
    on mine.replay_id = theirs.replay_id and mine.opponent_player_id = theirs.player_id

where mine.mmr > theirs.mmr and mine.is_winner is not null

group by (mine.mmr - theirs.mmr)::integer // 100 * 100

order by mmr_gap_from
