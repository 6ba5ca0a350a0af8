-- Grain: one row per rules, version, kind and item.
with

durations as (

    select
        steps.*,
        coalesce(players.commander, 'ladder') as rules,
        regexp_extract(replays.game_version, '^\d+\.\d+\.\d+') as game_version,
        -- Exact starts are measured; in a queue each finish is one build time after the last.
        if(
            steps.start_method in ('init', 'egg', 'cocoon'),
            steps.finished_game_loop - steps.started_game_loop,
            steps.finished_game_loop - lag(steps.finished_game_loop) over (
                partition by steps.replay_id, steps.producer_unit_tag
                order by steps.finished_game_loop, steps.step_index
            )
        ) as observed_game_loops,
        if(steps.start_method in ('init', 'egg', 'cocoon'), 'start and finish', 'queue') as observed_as

    from staging.stg_build_steps as steps

    inner join marts.fct_replay_players as players using (replay_id, player_id)

    inner join staging.stg_replays as replays on steps.replay_id = replays.replay_id

    where steps.outcome = 'done' and not steps.is_spawned

)

select
    rules,
    game_version,
    kind,
    item,
    observed_as,
    any_value(display_name) as display_name,
    min(build_game_loops) as table_game_loops,
    max(build_game_loops) as table_game_loops_max,
    min(build_time_origin) as table_origin,
    min(observed_game_loops) as observed_min_game_loops,
    mode(observed_game_loops order by observed_game_loops) as observed_mode_game_loops,
    count(*) filter (where abs(observed_game_loops - build_game_loops) <= 1)::integer as agreeing_count,
    count(*)::integer as observed_count

from durations

where observed_game_loops > 1 and not is_chronoboosted

group by rules, game_version, kind, item, observed_as
