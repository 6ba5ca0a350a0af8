-- Grain: one row per replay, battle and player of the lobby who lost something in it, or killed something.
with

parts as (

    select
        replay_id, battle_number, player_id, game_loop, resources, 0 as killed, is_worker, is_structure, is_army,
        is_economy, is_economy_at_home, is_base, is_summoned, 1 as lost, 0 as kills

    from intermediate.int_battle_losses

    where side is not null

    union all

    select
        replay_id, battle_number, killer_player_id, game_loop, 0, resources, false, false, false,
        false, false, false, is_summoned, 0, 1

    from intermediate.int_battle_losses

    where killer_side = 'enemy' and killer_player_side is not null

),

spans as (

    select replay_id, battle_number, min(game_loop) as started_game_loop, max(game_loop) as ended_game_loop

    from intermediate.int_battle_losses

    group by replay_id, battle_number

),

sums as (

    select
        replay_id,
        battle_number,
        player_id,
        sum(if(is_summoned, 0, lost))::integer as units_lost,
        sum(if(is_worker, lost, 0))::integer as workers_lost,
        sum(if(is_army, lost, 0))::integer as army_units_lost,
        sum(if(is_structure and not is_summoned, lost, 0))::integer as structures_lost,
        sum(if(is_base, lost, 0))::integer as bases_lost,
        sum(resources)::integer as resources_lost,
        sum(if(is_army, resources, 0))::integer as resources_lost_army,
        sum(if(is_economy, resources, 0))::integer as resources_lost_economy,
        sum(if(is_economy_at_home, resources, 0))::integer as resources_lost_economy_at_home,
        sum(if(is_summoned, 0, kills))::integer as units_killed,
        sum(killed)::integer as resources_killed,
        sum(if(is_summoned, lost, 0))::integer as summoned_lost,
        sum(if(is_summoned, kills, 0))::integer as summoned_killed

    from parts

    group by replay_id, battle_number, player_id

)

select
    sums.* exclude (summoned_lost, summoned_killed),
    players.side,
    spans.started_game_loop,
    spans.ended_game_loop,
    before.game_loop as before_game_loop,
    before.army_value as army_value_before,
    after.game_loop as after_game_loop,
    after.army_value as army_value_after,
    sums.summoned_lost,
    sums.summoned_killed

from sums

inner join spans using (replay_id, battle_number)

inner join marts.fct_replay_players as players using (replay_id, player_id)

asof left join marts.fct_economy_snapshots as before
    on sums.replay_id = before.replay_id and sums.player_id = before.player_id
    and spans.started_game_loop > before.game_loop

asof left join marts.fct_economy_snapshots as after
    on sums.replay_id = after.replay_id and sums.player_id = after.player_id
    and spans.ended_game_loop <= after.game_loop
