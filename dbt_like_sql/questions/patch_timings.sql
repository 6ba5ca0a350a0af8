-- Grain: one row per patch.
with

steps as (

    select
        units.replay_id,
        units.player_id,
        units.started_game_loop,
        row_number() over (
            partition by units.replay_id, units.player_id order by units.started_game_loop, units.unit_tag
        ) as nth

    from marts.fct_units as units

    where units.first_unit_type = $unit and units.started_game_loop is not null and units.end_reason != 'cancelled'

),

patches as (

    select
        regexp_extract(replays.game_version, '^\d+\.\d+\.\d+') as patch,
        min(replays.base_build) as base_build,
        count(*) as players,
        quantile_disc(steps.started_game_loop, [0.25, 0.5, 0.75]) as loops

    from steps

    inner join marts.player_game_summary as games using (replay_id, player_id)

    inner join marts.dim_replays as replays using (replay_id)

    where steps.nth = $nth and games.game_mode = '1v1' and ($matchup::text is null or games.matchup = $matchup)

    group by patch

)

select
    patch,
    players,
    format('{}:{:02d}', loops[1] // 1344, loops[1] % 1344 * 5 // 112) as quarter,
    format('{}:{:02d}', loops[2] // 1344, loops[2] % 1344 * 5 // 112) as median,
    format('{}:{:02d}', loops[3] // 1344, loops[3] % 1344 * 5 // 112) as three_quarters,
    round((loops[2] - lag(loops[2]) over (order by base_build)) * 5 / 112, 1) as seconds_to_patch_before

from patches

order by base_build
