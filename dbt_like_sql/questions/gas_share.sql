-- Grain: one row per minute.
with

samples as (

    select
        snapshots.replay_id,
        snapshots.player_id,
        snapshots.game_loop,
        coalesce(sum(snapshots.assigned_harvesters) filter (types.category = 'townhall'), 0) as on_minerals,
        coalesce(sum(snapshots.assigned_harvesters) filter (types.category = 'gas'), 0) as on_gas

    from raw.unit_snapshots as snapshots

    inner join marts.dim_unit_types as types on snapshots.unit_type = types.unit_type

    inner join asked_players as games
        on snapshots.replay_id = games.replay_id and snapshots.player_id = games.player_id

    where snapshots.pass_player_id = snapshots.player_id
        and types.category in ('townhall', 'gas')

    group by snapshots.replay_id, snapshots.player_id, snapshots.game_loop

)

select
    game_minute(game_loop) as minute,
    round(avg(on_minerals), 1) as on_minerals,
    round(avg(on_gas), 1) as on_gas,
    round(sum(on_gas) / nullif(sum(on_minerals + on_gas), 0), 3) as gas_share

from samples

group by game_minute(game_loop)

order by minute
