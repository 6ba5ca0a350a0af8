-- Looks at: types of units, by player, in melee games with build orders
-- Explained in: build_orders.md
-- Holds: As many units were made as build orders have steps for.
-- Why: Both are folded from the same events, by two ways: a difference is a unit that one of them does not see.
-- Reading: A finding is a defect of ours, or a player whose units are another's.
with

made as (

    select units.replay_id, units.player_id, units.first_unit_type as item, count(*) as units

    from marts.fct_units as units

    inner join intermediate.int_unit_types as types
        on units.replay_id = types.replay_id and units.first_unit_type = types.unit_type

    where units.player_id > 0
        and units.finished_game_loop > 0
        and types.category in ('worker', 'army', 'supply', 'defence', 'townhall', 'gas', 'production', 'addon', 'technology')
        and not coalesce(units.is_hallucination, false)
        -- Made of other units, which is a morph of theirs.
        and units.first_unit_type not in ('Archon', 'Baneling', 'ParasiticBombDummy')

    group by units.replay_id, units.player_id, units.first_unit_type

),

steps as (

    select replay_id, player_id, item, sum(unit_count) as units

    from marts.fct_build_orders

    where outcome = 'done' and kind in ('unit', 'warp_in', 'structure', 'addon')

    group by replay_id, player_id, item

)

select
    made.replay_id,
    if(
        made.units is distinct from steps.units,
        format('{} of player {}: {} units, {} in build orders', made.item, made.player_id, made.units, coalesce(steps.units, 0)),
        null
    ) as finding,
    false as is_explained

from made

inner join marts.dim_replays as replays on made.replay_id = replays.replay_id

left join steps
    on made.replay_id = steps.replay_id and made.player_id = steps.player_id and made.item = steps.item

where replays.game_mode not in ('arcade', 'coop')
    and not replays.is_resumed
    and made.replay_id in (select replay_id from marts.fct_build_orders)
