-- Grain: one row per replay and player who lost a unit or killed one.
with

sides as (

    select replay_id, player_id, unit_type, 1 as lost, 0 as killed

    from intermediate.int_unit_losses

    union all

    select replay_id, killer_player_id, unit_type, 0, 1

    from intermediate.int_unit_losses

    where killer_side = 'enemy'

)

select
    sides.replay_id,
    sides.player_id,
    sum(if(types.category != 'summoned', sides.lost, 0))::integer as units_lost,
    sum(if(types.is_worker, sides.lost, 0))::integer as workers_lost,
    sum(if(types.is_army, sides.lost, 0))::integer as army_units_lost,
    sum(if(types.is_structure and types.category != 'summoned', sides.lost, 0))::integer as structures_lost,
    sum(if(types.category != 'summoned', sides.killed, 0))::integer as units_killed,
    sum(if(types.is_worker, sides.killed, 0))::integer as workers_killed,
    sum(if(types.is_army, sides.killed, 0))::integer as army_units_killed,
    sum(if(types.is_structure and types.category != 'summoned', sides.killed, 0))::integer as structures_killed,
    sum(if(types.category = 'summoned', sides.lost, 0))::integer as summoned_lost,
    sum(if(types.category = 'summoned', sides.killed, 0))::integer as summoned_killed

from sides

inner join intermediate.int_unit_types as types
    on sides.replay_id = types.replay_id and sides.unit_type = types.unit_type

group by sides.replay_id, sides.player_id
