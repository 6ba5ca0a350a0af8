-- Severity: error
-- No two deaths of different battles are within reach of one another: what is linked is one battle.
with

deaths as (

    select deaths.replay_id, battle_deaths.battle_number, deaths.game_loop, deaths.x, deaths.y,
        deaths.game_loop // 256 as slice, unnest([deaths.game_loop // 256, deaths.game_loop // 256 + 1]) as other_slice

    from marts.fct_battle_deaths as battle_deaths

    inner join marts.fct_unit_deaths as deaths using (replay_id, unit_tag)

),

slices as (

    select distinct replay_id, battle_number, game_loop, x, y, slice from deaths

)

select earlier.replay_id, earlier.battle_number, later.battle_number as other_battle_number, earlier.game_loop

from deaths as earlier

inner join slices as later
    on earlier.replay_id = later.replay_id
    and earlier.other_slice = later.slice
    and earlier.battle_number != later.battle_number

where abs(earlier.game_loop - later.game_loop) <= 224
    and (earlier.x - later.x) ** 2 + (earlier.y - later.y) ** 2 <= 225
