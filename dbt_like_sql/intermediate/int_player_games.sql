-- Grain: one row per game (its canonical replay) and player.
with

blocks as (

    select
        replay_id,
        player_id,
        game_seconds(sum(blocks.duration_game_loops)) as blocked_seconds,
        count(*) as blocks,
        game_seconds(sum(blocks.duration_game_loops) filter (effects.is_effective)) as effective_seconds

    from marts.fct_supply_blocks as blocks

    inner join marts.fct_effective_supply_blocks as effects using (replay_id, player_id, started_game_loop)

    group by replay_id, player_id

)

select
    players.replay_id,
    players.player_id,
    players.source,
    replays.game_key,
    replays.played_at,
    replays.game_mode,
    replays.matchup,
    replays.map_version_key,
    replays.duration_seconds,
    replays.is_resumed,
    replays.is_vs_ai,
    players.player_key,
    players.name,
    players.race_actual,
    players.team,
    players.result,
    players.is_winner,
    players.is_computer,
    players.mmr,
    players.apm,
    opponents.opponent_player_id,
    opponents.opponent_player_key,
    opponents.opponent_name,
    opponents.opponent_race_actual,
    -- Fewer samples than five, or no income (arcade), make the quotient meaningless.
    case when economies.samples >= 5 and economies.average_income > 0
        then 35 * (0.00137 * economies.average_income - ln(greatest(economies.average_unspent, 1))) + 240
    end as spending_quotient,
    case when economies.samples_before_max >= 5 and economies.average_income_before_max > 0
        then 35 * (0.00137 * economies.average_income_before_max
            - ln(greatest(economies.average_unspent_before_max, 1))) + 240
    end as spending_quotient_before_max,
    economies.* exclude (
        replay_id, player_id, samples, samples_before_max, average_income_before_max, average_unspent_before_max
    ),
    if(economies.replay_id is null, null, coalesce(blocks.blocked_seconds, 0)) as supply_blocked_seconds,
    if(economies.replay_id is null, null, coalesce(blocks.blocks, 0)) as supply_block_count,
    coalesce(losses.units_lost, 0) as units_lost,
    coalesce(losses.workers_lost, 0) as workers_lost,
    coalesce(losses.army_units_lost, 0) as army_units_lost,
    coalesce(losses.structures_lost, 0) as structures_lost,
    coalesce(losses.units_killed, 0) as units_killed,
    coalesce(losses.workers_killed, 0) as workers_killed,
    coalesce(losses.army_units_killed, 0) as army_units_killed,
    coalesce(losses.structures_killed, 0) as structures_killed,
    coalesce(losses.summoned_lost, 0) as summoned_lost,
    coalesce(losses.summoned_killed, 0) as summoned_killed,
    -- Who makes what, and so what stood idle, is known where births name their makers.
    if(
        economies.replay_id is null or not rules.births_name_makers, null, coalesce(blocks.effective_seconds, 0)
    ) as effective_supply_blocked_seconds

from marts.fct_replay_players as players

inner join intermediate.int_replays as replays using (replay_id)

inner join intermediate.int_replay_rules as rules using (replay_id)

left join intermediate.int_opponents as opponents using (replay_id, player_id)

left join intermediate.int_player_economies as economies using (replay_id, player_id)

left join blocks using (replay_id, player_id)

left join intermediate.int_player_losses as losses using (replay_id, player_id)

where replays.is_canonical
