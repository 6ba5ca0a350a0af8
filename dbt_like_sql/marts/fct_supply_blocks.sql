-- Grain: one row per replay, player and span of samples without free supply.
with

samples as (

    select
        replay_id,
        player_id,
        source,
        game_loop,
        supply_used,
        supply_cap,
        is_supply_blocked,
        lag(game_loop) over player_game as previous_game_loop,
        lead(game_loop) over player_game as next_game_loop,
        row_number() over player_game as sample_number

    from marts.fct_economy_snapshots

    window player_game as (partition by replay_id, player_id order by game_loop)

),

blocked as (

    select
        *,
        -- Blocked samples in a row share this difference.
        sample_number - row_number() over (partition by replay_id, player_id order by sample_number) as block_number

    from samples

    where is_supply_blocked

)

select
    replay_id,
    player_id,
    min(game_loop) as started_game_loop,
    any_value(source) as source,
    'strict' as definition,
    coalesce(max(next_game_loop), max(game_loop)) as ended_game_loop,
    coalesce(max(next_game_loop), max(game_loop)) - min(game_loop) as duration_game_loops,
    game_seconds(coalesce(max(next_game_loop), max(game_loop)) - min(game_loop)) as duration_seconds,
    min(game_loop) - coalesce(min(previous_game_loop), 0) as start_error_game_loops,
    coalesce(max(next_game_loop), max(game_loop)) - max(game_loop) as end_error_game_loops,
    bool_or(next_game_loop is null) as is_open_at_end,
    count(*) as sample_count,
    arg_min(supply_used, game_loop) as supply_used,
    arg_min(supply_cap, game_loop) as supply_cap

from blocked

group by replay_id, player_id, block_number
