-- Grain: one row per replay and unit that was lost in a battle.
select
    replay_id,
    unit_tag,
    battle_number

from intermediate.int_battle_deaths
