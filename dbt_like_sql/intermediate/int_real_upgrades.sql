-- Grain: one row per replay, player and upgrade that the player had finished.
-- Skins, sprays, marks of a script and what co-op hands out at loop 0 with a count of 0 are no upgrades.
with

finished as (

    select replay_id, player_id, upgrade, game_loop

    from staging.stg_upgrade_events

    anti join (select replay_id from intermediate.int_replay_sources where source = 'sc2') using (replay_id)

    where not is_cosmetic and coalesce(count, 1) > 0

    union all

    select replay_id, pass_player_id, upgrade, game_loop

    from staging.stg_upgrades_seen

    semi join (select replay_id from intermediate.int_replay_sources where source = 'sc2') using (replay_id)

    where not is_cosmetic

)

select
    replay_id,
    player_id,
    upgrade,
    min(game_loop) as game_loop

from finished

group by replay_id, player_id, upgrade
