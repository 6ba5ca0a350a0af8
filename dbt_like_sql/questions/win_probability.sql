-- Grain: one row per step of the lead.
with

leads as (

    select
        greatest(-4000, least(4000, floor(
            (vectors.army_value + 50 * vectors.worker_count
                - vectors.opponent_army_value - 50 * vectors.opponent_worker_count) / 1000 + 0.5
        ) * 1000))::integer as lead,
        vectors.label_is_winner

    from marts.ml_state_vectors as vectors

    inner join marts.player_game_summary as games using (replay_id, player_id)

    where vectors.game_loop = sample_loop_at($minute) and ($matchup::text is null or games.matchup = $matchup)
        and ($player::text is null or lower($player) in (lower(games.player_key), lower(games.name)))

),

counts as (

    select
        lead,
        count(*) as player_games,
        count(*) filter (label_is_winner) as wins,
        count(*) filter (label_is_winner) / count(*) as rate

    from leads

    group by lead

)

select
    lead,
    player_games,
    wins,
    round(rate, 3) as win_rate,
    round((rate + 1.9208 / player_games - 1.96 * sqrt(rate * (1 - rate) / player_games + 0.9604 / player_games ** 2))
        / (1 + 3.8416 / player_games), 3) as low,
    round((rate + 1.9208 / player_games + 1.96 * sqrt(rate * (1 - rate) / player_games + 0.9604 / player_games ** 2))
        / (1 + 3.8416 / player_games), 3) as high

from counts

order by lead
