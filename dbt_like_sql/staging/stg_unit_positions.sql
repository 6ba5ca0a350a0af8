-- Grain: one row per replay, sample and unit.
select
    replay_id,
    source,
    event_index,
    item_index,
    game_loop,
    unit_index,
    x,
    y

from raw.unit_positions
