-- Grain: one row per replay, player and upgrade that the player had finished.
-- Skins, sprays and what co-op hands out at loop 0 with a count of 0 are no upgrades.
select
    replay_id,
    player_id,
    upgrade,
    min(game_loop) as game_loop

from staging.stg_upgrade_events

where not is_cosmetic and coalesce(count, 1) > 0

group by replay_id, player_id, upgrade
