-- Grain: one row per replay and two boxes with deaths of one fight, the lower number first.
with

-- A linked death lies in the same slice of time or the next.
earlier as (

    select *, unnest([box_loop, box_loop + 1]) as other_box_loop

    from intermediate.int_death_boxes

)

select distinct
    earlier.replay_id,
    least(earlier.box, later.box) as box,
    greatest(earlier.box, later.box) as linked_box

from earlier

inner join intermediate.int_death_boxes as later
    on earlier.replay_id = later.replay_id
    and earlier.other_box_loop = later.box_loop
    and earlier.box != later.box

cross join intermediate.int_battle_settings as settings

where abs(earlier.game_loop - later.game_loop) <= settings.link_game_loops
    and (earlier.x - later.x) ** 2 + (earlier.y - later.y) ** 2 <= settings.link_cells ** 2
