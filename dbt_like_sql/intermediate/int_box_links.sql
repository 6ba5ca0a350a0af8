-- Grain: one row per replay and two boxes with deaths of one fight, the lower number first.
-- Deaths of one box and place count once, and only boxes that touch or have one between them are compared: what a replay
-- costs follows its deaths, not their square.
with

places as (

    select
        replay_id, box, box_loop, box_x, box_y, x, y, min(game_loop) as first_game_loop, max(game_loop) as last_game_loop

    from intermediate.int_death_boxes

    group by replay_id, box, box_loop, box_x, box_y, x, y

),

boxes as (

    select
        replay_id, box, box_loop, box_x, box_y, min(x) as left_x, max(x) as right_x, min(y) as low_y, max(y) as high_y

    from places

    group by replay_id, box, box_loop, box_x, box_y

),

-- A linked death lies in the same slice of time or the next.
around as (

    select boxes.*, box_loop + loops.step as other_loop, box_x + xs.step as other_x, box_y + ys.step as other_y

    from boxes

    cross join (select unnest([0, 1]) as step) as loops

    cross join (select unnest([-2, -1, 0, 1, 2]) as step) as xs

    cross join (select unnest([-2, -1, 0, 1, 2]) as step) as ys

),

-- Materialized, as the places are to be joined to few pairs of boxes, not to one another.
neighbours as materialized (

    select earlier.replay_id, earlier.box, later.box as other_box, settings.link_game_loops, settings.link_cells

    from around as earlier

    inner join boxes as later
        on earlier.replay_id = later.replay_id
        and earlier.other_loop = later.box_loop
        and earlier.other_x = later.box_x
        and earlier.other_y = later.box_y

    cross join intermediate.int_battle_settings as settings

    where (earlier.box_loop < later.box_loop or earlier.box < later.box)
        and greatest(later.left_x - earlier.right_x, earlier.left_x - later.right_x, 0) ** 2
        + greatest(later.low_y - earlier.high_y, earlier.low_y - later.high_y, 0) ** 2 <= settings.link_cells ** 2

),

pairs as (

    select neighbours.*, earlier.x, earlier.y, earlier.last_game_loop

    from neighbours

    inner join places as earlier on neighbours.replay_id = earlier.replay_id and neighbours.box = earlier.box

)

select distinct
    pairs.replay_id, least(pairs.box, pairs.other_box) as box, greatest(pairs.box, pairs.other_box) as linked_box

from pairs

inner join places as later on pairs.replay_id = later.replay_id and pairs.other_box = later.box

where later.first_game_loop - pairs.last_game_loop <= pairs.link_game_loops
    and (pairs.x - later.x) ** 2 + (pairs.y - later.y) ** 2 <= pairs.link_cells ** 2
