-- Grain: one row per minute.
with

games as (

    select games.*

    from asked_players as games

    where games.race_actual = 'zerg'

),

minutes as (

    select start_workers, replay_id, player_id, unnest(range(1, (duration_seconds / 60)::integer + 1)) as minute from games

),

tumors as (

    select minutes.replay_id, minutes.player_id, minutes.minute, sum(runs.alive_count) as tumors

    from minutes

    inner join marts.fct_unit_count_runs as runs
        on minutes.replay_id = runs.replay_id
        and minutes.player_id = runs.player_id
        and sample_loop_at(minutes.minute) >= runs.from_game_loop
        and sample_loop_at(minutes.minute) < runs.until_game_loop

    where runs.unit_type in ('CreepTumor', 'CreepTumorBurrowed', 'CreepTumorQueen')

    group by minutes.replay_id, minutes.player_id, minutes.minute

)

select
    minutes.start_workers,
    minutes.minute,
    count(*) as players,
    round(avg(coalesce(tumors.tumors, 0)), 1) as average_tumors,
    max(coalesce(tumors.tumors, 0))::integer as most_tumors

from minutes

left join tumors using (replay_id, player_id, minute)

group by minutes.start_workers, minutes.minute

order by minutes.start_workers, minutes.minute
