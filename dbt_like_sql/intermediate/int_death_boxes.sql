-- Grain: one row per replay and unit that was lost.
-- Space and time are cut into boxes so small that any two deaths of one box are linked: linking boxes instead of deaths
-- gives the same battles from a tenth of the links.
select
    losses.replay_id,
    losses.unit_tag,
    losses.game_loop,
    losses.x,
    losses.y,
    losses.killer_side,
    losses.game_loop // (settings.link_game_loops + 1) as box_loop,
    floor(losses.x * 1.4143 / settings.link_cells)::integer as box_x,
    floor(losses.y * 1.4143 / settings.link_cells)::integer as box_y,
    dense_rank() over (partition by losses.replay_id order by box_loop, box_x, box_y)::integer as box

from intermediate.int_unit_losses as losses

cross join intermediate.int_battle_settings as settings

where losses.x is not null and losses.y is not null
