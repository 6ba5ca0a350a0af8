-- Grain: one row per patch.
with

steps as (

    select
        units.replay_id,
        units.player_id,
        display_name(units.first_unit_type) as unit,
        units.started_game_loop,
        row_number() over (
            partition by units.replay_id, units.player_id order by units.started_game_loop, units.unit_tag
        ) as nth

    from marts.fct_units as units

    where lower($unit) in (lower(units.first_unit_type), lower(display_name(units.first_unit_type)))
        and units.started_game_loop is not null and units.end_reason != 'cancelled'

),

patches as (

    select
        games.patch,
        any_value(steps.unit) as unit,
        games.start_workers,
        min(replays.base_build) as base_build,
        count(*) as players,
        quantile_disc(steps.started_game_loop, [0.25, 0.5, 0.75]) as loops

    from steps

    inner join asked_players as games using (replay_id, player_id)

    inner join asked_games as replays using (replay_id)

    where steps.nth = $nth

    group by games.patch, games.start_workers

)

select
    patch,
    unit || ' ' || $nth as timing,
    start_workers,
    players,
    clock(loops[1]) as quarter,
    clock(loops[2]) as median,
    clock(loops[3]) as three_quarters,
    round(game_seconds(loops[2] - lag(loops[2]) over (partition by start_workers order by base_build, patch)), 1) as seconds_to_patch_before

from patches

order by base_build, patch, start_workers
