-- Severity: error
-- No two deaths of different battles are within reach of one another: what is linked is one battle.
with

places as (

    select deaths.replay_id, battle_deaths.battle_number, deaths.x, deaths.y,
        deaths.game_loop // 256 as slice, floor(deaths.x / 16)::integer as grid_x, floor(deaths.y / 16)::integer as grid_y,
        min(deaths.game_loop) as first_game_loop, max(deaths.game_loop) as last_game_loop

    from marts.fct_battle_deaths as battle_deaths

    inner join marts.fct_unit_deaths as deaths using (replay_id, unit_tag)

    group by deaths.replay_id, battle_deaths.battle_number, slice, grid_x, grid_y, deaths.x, deaths.y

),

-- Each place, in the slice and the cell of the grid that another one within reach may lie in.
reach as (

    select
        places.*, slice + slices.step as other_slice, grid_x + xs.step as other_x, grid_y + ys.step as other_y

    from places

    cross join (select unnest([0, 1]) as step) as slices

    cross join (select unnest([-1, 0, 1]) as step) as xs

    cross join (select unnest([-1, 0, 1]) as step) as ys

),

-- Most have only one battle around them.
shared as (

    select replay_id, other_slice, other_x, other_y

    from reach

    group by replay_id, other_slice, other_x, other_y

    having count(distinct battle_number) > 1

),

near as (

    select * from reach semi join shared using (replay_id, other_slice, other_x, other_y)

)

select earlier.replay_id, earlier.battle_number, later.battle_number as other_battle_number, earlier.first_game_loop

from near as earlier

inner join places as later
    on earlier.replay_id = later.replay_id
    and earlier.other_slice = later.slice
    and earlier.other_x = later.grid_x
    and earlier.other_y = later.grid_y
    and earlier.battle_number != later.battle_number

where greatest(later.first_game_loop - earlier.last_game_loop, earlier.first_game_loop - later.last_game_loop) <= game_loops(10)
    and (earlier.x - later.x) ** 2 + (earlier.y - later.y) ** 2 <= 225
