-- Grain: one row per race.
with

workers as (

    select
        games.race_actual,
        games.start_workers,
        units.replay_id,
        games.player_id,
        units.started_game_loop - lag(units.finished_game_loop) over (
            partition by units.replay_id, units.producer_unit_tag order by units.finished_game_loop
        ) as gap

    from marts.fct_units as units

    inner join asked_players as games using (replay_id, player_id)

    where units.is_worker
        and units.producer_unit_tag is not null
        and units.started_game_loop is not null
        and units.start_method != 'game_start'
        and units.finished_game_loop <= game_loop_at($minute)
        and games.race_actual in ('Terran', 'Protoss')
        and games.duration_seconds >= $minute * 60

)

select
    race_actual,
    start_workers,
    count(distinct (replay_id, player_id)) as players,
    count(*) as workers,
    round(game_seconds(sum(greatest(gap, 0))) / count(distinct (replay_id, player_id)), 1) as average_idle_seconds

from workers

group by race_actual, start_workers

order by race_actual, start_workers
