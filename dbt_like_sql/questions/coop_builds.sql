-- Grain: one row per commander, step and structure.
with

steps as (

    select
        players.commander,
        made.item as unit_type,
        made.started_game_loop,
        row_number() over (
            partition by made.replay_id, made.player_id order by made.started_game_loop, made.step_number
        ) as step

    from marts.fct_build_orders as made

    inner join marts.fct_coop_players as players using (replay_id, player_id)

    inner join asked_games as games using (replay_id)

    where made.kind in ('structure', 'addon')
        and made.started_game_loop is not null
        and not made.is_cancelled
        and ($commander::text is null or lower(players.commander) = lower($commander))

)

select
    commander,
    step,
    display_name(unit_type) as unit_type,
    count(*) as times,
    clock(median(started_game_loop), true) as median_clock

from steps

where step <= $steps

group by commander, step, unit_type

order by commander, step, times desc, unit_type
