-- Grain: one row per replay, observed player, observation and dead unit.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    is_fogged,
    death_index,
    unit_tag,
    api_tag,
    is_told

from raw.dead_units
