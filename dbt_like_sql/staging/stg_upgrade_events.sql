-- Grain: one row per replay and upgrade event.
select
    replay_id,
    source,
    event_index,
    game_loop,
    player_id,
    upgrade,
    count,
    regexp_matches(upgrade, '^(Spray|Reward|SkinPack|Emote|Dance|GameTimeGreater)') as is_cosmetic

from raw.upgrade_events
