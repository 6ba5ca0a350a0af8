-- Grain: one row per race and structure that followed.
with

steps as (

    select
        games.race_actual,
        games.start_workers,
        units.first_unit_type as unit_type,
        units.started_game_loop,
        lead(units.first_unit_type) over build as next_unit_type,
        lead(units.started_game_loop) over build as next_game_loop,
        row_number() over (
            partition by units.replay_id, units.player_id, units.first_unit_type
            order by units.started_game_loop, units.unit_tag
        ) as nth

    from marts.fct_units as units

    inner join asked_players as games using (replay_id, player_id)

    where units.start_method = 'init'
        and units.started_game_loop is not null
        and units.is_structure
        and units.end_reason != 'cancelled'
        and units.category in ('townhall', 'production', 'technology', 'gas', 'defence')

    window build as (partition by units.replay_id, units.player_id order by units.started_game_loop, units.unit_tag)

)

select
    race_actual,
    start_workers,
    display_name(next_unit_type) as next_unit_type,
    count(*) as times,
    round(count(*) / sum(count(*)) over (partition by race_actual, start_workers), 3) as share,
    round(game_seconds(median(next_game_loop - started_game_loop)), 1) as median_seconds

from steps

where lower($after) in (lower(unit_type), lower(display_name(unit_type))) and nth = 1 and next_unit_type is not null

group by race_actual, start_workers, next_unit_type

order by race_actual, start_workers, times desc, next_unit_type
