-- Grain: one row per commander, step and structure.
with

steps as (

    select
        players.commander,
        units.first_unit_type as unit_type,
        units.started_game_loop,
        row_number() over (
            partition by units.replay_id, units.player_id order by units.started_game_loop, units.unit_tag
        ) as step

    from marts.fct_units as units

    inner join marts.fct_replay_players as players using (replay_id, player_id)

    inner join marts.dim_replays as replays using (replay_id)

    where units.started_known_by = 'init'
        and units.is_structure
        and players.commander is not null
        and replays.is_canonical
        and ($commander::text is null or lower(players.commander) = lower($commander))

)

select
    commander,
    step,
    unit_type,
    count(*) as times,
    format('{}:{:02d}', median(started_game_loop)::integer // 960, median(started_game_loop)::integer % 960 // 16)
        as median_clock

from steps

where step <= $steps

group by commander, step, unit_type

order by commander, step, times desc, unit_type
