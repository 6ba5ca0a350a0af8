-- Grain: one row per replay, observed player and upgrade.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    upgrade_id,
    upgrade

from raw.upgrades_seen
