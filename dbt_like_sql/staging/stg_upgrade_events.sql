-- Grain: one row per replay and upgrade event.
select
    replay_id,
    source,
    event_index,
    game_loop,
    player_id,
    upgrade,
    count,
    starts_with(upgrade, 'Spray') or starts_with(upgrade, 'Reward') as is_cosmetic

from raw.upgrade_events
