-- Grain: one row per replay, observed player and unit attacked.
select
    replay_id,
    source,
    pass_player_id,
    game_loop,
    unit_tag,
    attacker_unit_tag

from raw.unit_attackers
