-- Grain: one row per replay whose map has minerals.
-- Maps are symmetrical: the middle of all their minerals and geysers is the middle of the map.
select
    lives.replay_id,
    (min(lives.birth_x) + max(lives.birth_x)) / 2 as x,
    (min(lives.birth_y) + max(lives.birth_y)) / 2 as y

from intermediate.int_unit_lifetimes as lives

inner join intermediate.int_unit_types as types
    on lives.replay_id = types.replay_id and lives.first_unit_type = types.unit_type

where types.category = 'resource'

group by lives.replay_id
