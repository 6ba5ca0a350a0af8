-- Grain: one row per replay, player and strict supply block.
with

-- Who makes what is known where births name it; of what warp gates make, never.
makers as (

    select replay_id, unit_tag, last_player_id as player_id, finished_game_loop, ended_game_loop

    from marts.fct_units

    where category in ('production', 'townhall')
        and unit_type not in ('WarpGate', 'Hatchery', 'Lair', 'Hive')
        and finished_game_loop is not null

),

made as (

    select replay_id, producer_unit_tag as unit_tag, started_game_loop, finished_game_loop

    from marts.fct_units

    -- What is spawned takes no time.
    where producer_unit_tag is not null and started_game_loop < finished_game_loop

),

standing as (

    select blocks.replay_id, blocks.player_id, blocks.started_game_loop, makers.unit_tag

    from marts.fct_supply_blocks as blocks

    inner join makers
        on blocks.replay_id = makers.replay_id
        and blocks.player_id = makers.player_id
        and makers.finished_game_loop <= blocks.started_game_loop
        and coalesce(makers.ended_game_loop, blocks.started_game_loop + 1) > blocks.started_game_loop

),

busy as (

    select distinct standing.replay_id, standing.player_id, standing.started_game_loop, standing.unit_tag

    from standing

    inner join made
        on standing.replay_id = made.replay_id
        and standing.unit_tag = made.unit_tag
        and standing.started_game_loop >= made.started_game_loop
        and standing.started_game_loop < made.finished_game_loop

),

idle as (

    select standing.replay_id, standing.player_id, standing.started_game_loop, count(*)::integer as producers

    from standing

    anti join busy using (replay_id, player_id, started_game_loop, unit_tag)

    group by standing.replay_id, standing.player_id, standing.started_game_loop

)

select
    blocks.replay_id,
    blocks.player_id,
    blocks.started_game_loop,
    blocks.source,
    'effective' as definition,
    blocks.ended_game_loop,
    blocks.duration_seconds,
    economies.minerals,
    economies.vespene,
    coalesce(idle.producers, 0) as idle_producer_count,
    coalesce(larvae.alive_count, 0) as larva_count,
    case
        when rules.births_name_makers
            then economies.minerals >= 50 and coalesce(idle.producers, 0) + coalesce(larvae.alive_count, 0) > 0
    end as is_effective

from marts.fct_supply_blocks as blocks

inner join intermediate.int_replay_rules as rules on blocks.replay_id = rules.replay_id

inner join marts.fct_economy_snapshots as economies
    on blocks.replay_id = economies.replay_id
    and blocks.player_id = economies.player_id
    and blocks.started_game_loop = economies.game_loop

left join idle
    on blocks.replay_id = idle.replay_id
    and blocks.player_id = idle.player_id
    and blocks.started_game_loop = idle.started_game_loop

left join marts.fct_unit_count_runs as larvae
    on blocks.replay_id = larvae.replay_id
    and blocks.player_id = larvae.player_id
    and blocks.started_game_loop >= larvae.from_game_loop
    and blocks.started_game_loop < larvae.until_game_loop
    and larvae.unit_type = 'Larva'
