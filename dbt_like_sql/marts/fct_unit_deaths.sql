-- Grain: one row per replay and unit that was lost.
select
    losses.replay_id,
    losses.unit_tag,
    losses.source,
    losses.game_loop,
    game_seconds(losses.game_loop) as seconds,
    clock(losses.game_loop, clocks.shows_normal_seconds) as clock,
    losses.player_id,
    losses.unit_type,
    types.base_unit_type,
    types.category,
    types.is_worker,
    types.is_army,
    types.is_structure,
    losses.is_unfinished,
    types.minerals_total as minerals_lost,
    types.vespene_total as vespene_lost,
    losses.x,
    losses.y,
    losses.killer_player_id,
    losses.killer_unit_tag,
    losses.killer_unit_type,
    losses.killer_side,
    if(clocks.shows_normal_seconds, 'normal', 'faster') as clock_speed,
    types.category = 'summoned' as is_summoned

from intermediate.int_unit_losses as losses

inner join intermediate.int_shown_clocks as clocks on losses.replay_id = clocks.replay_id

inner join intermediate.int_unit_types as types
    on losses.replay_id = types.replay_id and losses.unit_type = types.unit_type
