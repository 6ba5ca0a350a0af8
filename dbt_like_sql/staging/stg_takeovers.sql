-- Grain: one row per replay and takeover.
select
    replay_id,
    takeover_index,
    game_loop,
    byte_offset

from raw.takeovers
