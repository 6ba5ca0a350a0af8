-- Grain: one row per replay, seeing player, observation and unit of another player.
-- What is nobody's is left out: not every pass has it.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    unit_tag,
    api_tag,
    repeat_index,
    if(player_id = 16, 0, player_id) as player_id,
    alliance,
    display_type,
    unit_type_id,
    unit_type,
    x,
    y,
    z,
    build_progress,
    cloak,
    health,
    shield,
    energy,
    is_blip,
    is_hallucination

from raw.unit_sightings

where alliance is distinct from 'neutral'
