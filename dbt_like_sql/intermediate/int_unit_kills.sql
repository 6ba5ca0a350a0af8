-- Grain: one row per replay and unit that killed something of another player.
select
    losses.replay_id,
    losses.killer_unit_tag as unit_tag,
    count(*) as kill_count,
    coalesce(sum(types.minerals_total), 0)::integer as minerals_killed,
    coalesce(sum(types.vespene_total), 0)::integer as vespene_killed

from intermediate.int_unit_losses as losses

inner join intermediate.int_unit_types as types
    on losses.replay_id = types.replay_id and losses.unit_type = types.unit_type

where losses.killer_unit_tag is not null and losses.killer_side in ('enemy', 'ally')

group by losses.replay_id, losses.killer_unit_tag
