-- Grain: one row per replay and build step whose place is known.
with

enemy_starts as (

    select
        players.replay_id,
        players.player_id,
        starts.x,
        starts.y

    from marts.fct_replay_players as players

    inner join marts.fct_replay_players as enemies
        on players.replay_id = enemies.replay_id and players.side != enemies.side

    inner join intermediate.int_start_places as starts
        on enemies.replay_id = starts.replay_id and enemies.player_id = starts.player_id

),

nearest_enemies as (

    select
        steps.replay_id,
        steps.step_index,
        min(sqrt((steps.x - enemy_starts.x) ** 2 + (steps.y - enemy_starts.y) ** 2)) as cells_from_enemy

    from staging.stg_build_steps as steps

    inner join enemy_starts
        on steps.replay_id = enemy_starts.replay_id and steps.player_id = enemy_starts.player_id

    where steps.kind = 'structure'

    group by steps.replay_id, steps.step_index

)

select
    steps.replay_id,
    steps.step_index,
    (round(atan2(steps.x - centres.x, steps.y - centres.y) * 6 / pi())::integer + 11) % 12 + 1 as clock_position,
    sqrt((steps.x - starts.x) ** 2 + (steps.y - starts.y) ** 2) as cells_from_start,
    nearest_enemies.cells_from_enemy

from staging.stg_build_steps as steps

left join intermediate.int_map_centres as centres
    on steps.replay_id = centres.replay_id

left join intermediate.int_start_places as starts
    on steps.replay_id = starts.replay_id and steps.player_id = starts.player_id

left join nearest_enemies
    on steps.replay_id = nearest_enemies.replay_id and steps.step_index = nearest_enemies.step_index

where steps.x is not null and not steps.is_spawned
