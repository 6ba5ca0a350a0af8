-- Grain: one row per replay and unit that was lost in a battle.
with

losses as (

    select
        deaths.battle_number,
        losses.*,
        players.side,
        killers.side as killer_player_side,
        coalesce(types.minerals_total, 0) + coalesce(types.vespene_total, 0) as resources,
        types.is_worker,
        types.is_structure,
        coalesce(types.is_army, false) as is_army,
        types.is_worker or types.category in ('townhall', 'supply', 'gas') as is_economy,
        types.category = 'townhall' and not losses.is_unfinished as is_base,
        types.category = 'summoned' as is_summoned

    from marts.fct_battle_deaths as deaths

    inner join intermediate.int_unit_losses as losses
        on deaths.replay_id = losses.replay_id and deaths.unit_tag = losses.unit_tag

    inner join intermediate.int_unit_types as types
        on losses.replay_id = types.replay_id and losses.unit_type = types.unit_type

    left join marts.fct_replay_players as players
        on losses.replay_id = players.replay_id and losses.player_id = players.player_id

    left join marts.fct_replay_players as killers
        on losses.replay_id = killers.replay_id and losses.killer_player_id = killers.player_id

),

at_home as (

    select distinct losses.replay_id, losses.unit_tag

    from losses

    inner join intermediate.int_townhalls as homes
        on losses.replay_id = homes.replay_id
        and losses.player_id = homes.player_id
        and losses.game_loop between homes.finished_game_loop and coalesce(homes.died_game_loop, losses.game_loop)

    cross join intermediate.int_battle_settings as settings

    where losses.is_economy
        and (homes.x - losses.x) ** 2 + (homes.y - losses.y) ** 2 <= settings.home_cells ** 2

)

select
    losses.replay_id,
    losses.battle_number,
    losses.unit_tag,
    losses.game_loop,
    losses.player_id,
    losses.side,
    losses.killer_player_id,
    losses.killer_player_side,
    losses.killer_side,
    losses.unit_type,
    losses.x,
    losses.y,
    losses.resources,
    losses.is_worker,
    losses.is_structure,
    losses.is_army,
    losses.is_economy,
    losses.is_base,
    at_home.unit_tag is not null as is_economy_at_home,
    losses.is_summoned

from losses

left join at_home on losses.replay_id = at_home.replay_id and losses.unit_tag = at_home.unit_tag
