-- Grain: one row per replay, battle and player who lost something in it, or killed something.
with

compositions as (

    select
        counts.replay_id,
        players.battle_number,
        counts.player_id,
        list(
            struct_pack(unit_type := counts.unit_type, count := counts.alive_count)
            order by counts.alive_count * coalesce(types.minerals_total + types.vespene_total, 0) desc, counts.unit_type
        ) as composition_before

    from intermediate.int_battle_players as players

    inner join marts.fct_unit_count_runs as counts
        on players.replay_id = counts.replay_id
        and players.player_id = counts.player_id
        and players.before_game_loop >= counts.from_game_loop
        and players.before_game_loop < counts.until_game_loop

    inner join intermediate.int_unit_types as types
        on counts.replay_id = types.replay_id and counts.unit_type = types.unit_type and types.is_army

    where counts.alive_count > 0

    group by counts.replay_id, players.battle_number, counts.player_id

),

upgrades as (

    select
        players.replay_id,
        players.battle_number,
        players.player_id,
        list_sort(list(distinct upgrades.upgrade)) as upgrades_before

    from intermediate.int_battle_players as players

    inner join intermediate.int_real_upgrades as upgrades
        on players.replay_id = upgrades.replay_id
        and players.player_id = upgrades.player_id
        and upgrades.game_loop < players.started_game_loop

    group by players.replay_id, players.battle_number, players.player_id

),

reinforcements as (

    select
        players.replay_id,
        players.battle_number,
        players.player_id,
        sum(coalesce(types.minerals_total + types.vespene_total, 0))::integer as resources

    from intermediate.int_battle_players as players

    inner join intermediate.int_unit_lifetimes as lives
        on players.replay_id = lives.replay_id
        and players.player_id = lives.first_player_id
        and lives.finished_game_loop between players.started_game_loop and players.ended_game_loop

    inner join intermediate.int_unit_types as types
        on lives.replay_id = types.replay_id and lives.first_unit_type = types.unit_type and types.is_army

    group by players.replay_id, players.battle_number, players.player_id

)

select
    players.replay_id,
    players.battle_number,
    players.player_id,
    sources.source,
    players.side,
    kinds.winner_side = players.side as is_battle_winner,
    players.before_game_loop,
    players.army_value_before,
    players.after_game_loop,
    players.army_value_after,
    players.units_lost,
    players.workers_lost,
    players.army_units_lost,
    players.structures_lost,
    players.bases_lost,
    players.resources_lost,
    players.resources_lost_army,
    players.resources_lost_economy,
    players.resources_lost - players.resources_lost_army - players.resources_lost_economy as resources_lost_other,
    players.units_killed,
    players.resources_killed,
    players.resources_killed / nullif(players.resources_lost, 0) as trade_ratio,
    players.resources_lost_army / nullif(players.army_value_before, 0) as army_lost_share,
    coalesce(compositions.composition_before, []) as composition_before,
    coalesce(upgrades.upgrades_before, []) as upgrades_before,
    coalesce(reinforcements.resources, 0) as reinforcement_resources,
    players.summoned_lost,
    players.summoned_killed

from intermediate.int_battle_players as players

inner join intermediate.int_battle_kinds as kinds using (replay_id, battle_number)

inner join intermediate.int_replay_sources as sources using (replay_id)

left join compositions using (replay_id, battle_number, player_id)

left join upgrades using (replay_id, battle_number, player_id)

left join reinforcements using (replay_id, battle_number, player_id)
