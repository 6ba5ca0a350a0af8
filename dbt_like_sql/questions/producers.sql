-- Grain: one row per building that made something.
with

ends as (

    select replay_id, duration_game_loops, clock_speed from marts.dim_replays where replay_id in (from asked_game)

)

select
    players.name,
    display_name(buildings.unit_type) as building,
    buildings.unit_tag,
    clock(buildings.finished_game_loop, ends.clock_speed = 'normal') as finished_clock,
    count(*) as units_made,
    round(
        sum(units.finished_game_loop - units.started_game_loop) / nullif(
            coalesce(buildings.ended_game_loop, ends.duration_game_loops) - buildings.finished_game_loop, 0
        ),
        2
    ) as working_share,
    ends.clock_speed

from marts.fct_units as units

inner join marts.fct_units as buildings
    on units.replay_id = buildings.replay_id and units.producer_unit_tag = buildings.unit_tag

inner join ends on units.replay_id = ends.replay_id

inner join marts.fct_replay_players as players
    on buildings.replay_id = players.replay_id and buildings.last_player_id = players.player_id

where units.started_game_loop < units.finished_game_loop and buildings.is_structure

group by
    players.name, buildings.unit_type, buildings.unit_tag, buildings.finished_game_loop, buildings.ended_game_loop,
    ends.duration_game_loops, ends.clock_speed

order by players.name, building, buildings.finished_game_loop, buildings.unit_tag
