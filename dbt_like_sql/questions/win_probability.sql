-- Grain: one row per step of the lead.
with

leads as (

    select
        greatest(-4000, least(4000, floor(
            (vectors.army_value + 50 * vectors.worker_count
                - vectors.opponent_army_value - 50 * vectors.opponent_worker_count) / 1000 + 0.5
        ) * 1000))::integer as lead,
        vectors.label_is_winner,
        games.start_workers

    from intermediate.int_state_vectors as vectors

    inner join asked_players as games using (replay_id, player_id)

    where vectors.game_loop = sample_loop_at($minute)

),

counts as (

    select
        start_workers,
        lead,
        count(*) as player_games,
        count(*) filter (label_is_winner) as wins,
        count(*) filter (label_is_winner) / count(*) as rate

    from leads

    group by start_workers, lead

)

select
    start_workers,
    lead,
    player_games,
    wins,
    round(rate, 3) as win_rate,
    round(wilson_low(wins, player_games), 3) as low,
    round(wilson_high(wins, player_games), 3) as high

from counts

order by start_workers, lead
