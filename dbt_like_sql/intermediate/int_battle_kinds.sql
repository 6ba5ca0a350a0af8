-- Grain: one row per replay and battle.
with

sides as (

    select
        replay_id,
        battle_number,
        side,
        min(started_game_loop) as started_game_loop,
        min(ended_game_loop) as ended_game_loop,
        sum(coalesce(army_value_before, 0)) as army_value_before,
        sum(resources_lost) as resources_lost,
        sum(resources_lost_army) as resources_lost_army,
        sum(resources_lost_economy_at_home) as resources_lost_economy_at_home,
        sum(bases_lost) as bases_lost,
        if(count(*) = 1, any_value(player_id), null) as player_id

    from intermediate.int_battle_players

    group by replay_id, battle_number, side

),

-- Each loses a finished base while the other's falls elsewhere or here: no fight over one place, but an exchange.
trades as (

    select distinct ours.replay_id, ours.battle_number

    from sides as ours

    inner join sides as theirs
        on ours.replay_id = theirs.replay_id and ours.side != theirs.side

    cross join intermediate.int_battle_settings as settings

    where ours.bases_lost > 0
        and theirs.bases_lost > 0
        and ours.started_game_loop - theirs.ended_game_loop <= settings.base_trade_game_loops
        and theirs.started_game_loop - ours.ended_game_loop <= settings.base_trade_game_loops

),

battles as (

    select
        sides.replay_id,
        sides.battle_number,
        bool_or(
            sides.resources_lost >= settings.battle_resources
            and sides.resources_lost_army > 0
            and sides.resources_lost_army >= settings.battle_army_share * sides.army_value_before
        ) as is_battle,
        sum(sides.resources_lost) > 0
        and sum(sides.resources_lost_economy_at_home) >= any_value(settings.harassment_share) * sum(sides.resources_lost)
            as is_harassment,
        -- Whoever lost least won, if the next lost clearly more.
        case
            when count(*) > 1
                and list_sort(list(sides.resources_lost))[2] > any_value(settings.even_ratio) * min(sides.resources_lost)
                then arg_min(struct_pack(side := sides.side, player_id := sides.player_id), sides.resources_lost)
        end as winner

    from sides

    cross join intermediate.int_battle_settings as settings

    group by sides.replay_id, sides.battle_number

)

select
    battles.replay_id,
    battles.battle_number,
    case
        when trades.replay_id is not null then 'base_trade'
        when battles.is_battle then 'battle'
        when battles.is_harassment then 'harassment'
        else 'skirmish'
    end as kind,
    battles.winner.side as winner_side,
    battles.winner.player_id as winner_player_id

from battles

left join trades using (replay_id, battle_number)
