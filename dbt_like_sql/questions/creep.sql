-- Grain: one row per minute.
with

games as (

    select games.*

    from asked_players as games

    where games.race_actual = 'Zerg'

),

minutes as (

    -- A stream that is cut tells nothing of the minutes after its end.
    select games.start_workers, minutes.replay_id, minutes.player_id, minutes.game_minute as minute

    from games

    inner join marts.fct_player_minutes as minutes using (replay_id, player_id)

    where minutes.game_minute between 1 and games.duration_seconds / 60

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
