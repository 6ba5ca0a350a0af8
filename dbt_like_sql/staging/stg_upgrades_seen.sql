-- Grain: one row per replay, observed player and upgrade.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    upgrade_id,
    upgrade,
    regexp_matches(upgrade, '^(Spray|Reward|SkinPack|Emote|Dance|GameTimeGreater)') as is_cosmetic

from raw.upgrades_seen
