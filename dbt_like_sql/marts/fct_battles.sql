-- Grain: one row per replay and battle.
with

shapes as (

    select
        replay_id,
        battle_number,
        min(game_loop) as started_game_loop,
        max(game_loop) as ended_game_loop,
        avg(x) as x,
        avg(y) as y,
        (count(*) filter (not is_summoned))::integer as units_lost,
        (count(*) filter (is_summoned))::integer as summoned_lost,
        count(*)::integer as death_count,
        sum(resources)::integer as resources_lost

    from intermediate.int_battle_losses

    group by replay_id, battle_number

),

reaches as (

    select
        losses.replay_id,
        losses.battle_number,
        max(sqrt((losses.x - shapes.x) ** 2 + (losses.y - shapes.y) ** 2)) as radius

    from intermediate.int_battle_losses as losses

    inner join shapes using (replay_id, battle_number)

    group by losses.replay_id, losses.battle_number

)

select
    shapes.replay_id,
    shapes.battle_number,
    sources.source,
    shapes.started_game_loop,
    shapes.ended_game_loop,
    shapes.ended_game_loop - shapes.started_game_loop as duration_game_loops,
    game_seconds(shapes.started_game_loop) as started_seconds,
    game_seconds(shapes.ended_game_loop - shapes.started_game_loop) as duration_seconds,
    clock(shapes.started_game_loop, clocks.shows_normal_seconds) as clock,
    shapes.x,
    shapes.y,
    reaches.radius,
    shapes.death_count,
    shapes.resources_lost,
    coalesce(kinds.kind, 'skirmish') as kind,
    kinds.winner_side,
    kinds.winner_player_id,
    row_number() over (
        partition by shapes.replay_id order by shapes.resources_lost desc, shapes.battle_number
    )::integer as size_rank,
    settings.link_game_loops,
    settings.link_cells,
    if(clocks.shows_normal_seconds, 'normal', 'faster') as clock_speed,
    shapes.units_lost,
    shapes.summoned_lost

from shapes

inner join reaches using (replay_id, battle_number)

left join intermediate.int_battle_kinds as kinds using (replay_id, battle_number)

inner join intermediate.int_replay_sources as sources using (replay_id)

inner join intermediate.int_shown_clocks as clocks using (replay_id)

cross join intermediate.int_battle_settings as settings
