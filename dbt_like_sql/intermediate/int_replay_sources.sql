-- Grain: one row per replay.
with

passes as (

    select replay_id, player_id, max(game_loop) as last_game_loop

    from staging.stg_player_snapshots

    group by replay_id, player_id

),

-- The game has seen a replay as far as its shortest pass.
endings as (

    select replay_id, min(last_game_loop) as last_game_loop

    from passes

    group by replay_id

),

tracker_endings as (

    select replay_id, max(game_loop) as last_game_loop

    from staging.stg_player_stats

    group by replay_id

),

with_units as (

    select distinct replay_id

    from staging.stg_unit_changes

),

-- Where only some loops were asked for, the game's samples are no curve of a game: the marts take the tracker's.
observed as (

    select
        replay_id,
        bool_or(coalesce(sampling, 'every:') like 'every:%' and coalesce(sampling, '') not like '%from:%') as is_sampled_evenly

    from raw.game_info

    group by replay_id

),

extracted as (

    select
        replays.replay_id,
        coalesce(replays.tracker_event_count > 0, false) as has_tracker,
        coalesce(endings.last_game_loop >= replays.duration_game_loops - game_loops(10), false) as is_to_the_end,
        observed.replay_id is not null as has_sc2,
        -- With --until, or without unit rows, the game's rows are not all there is.
        observed.replay_id is not null
        and with_units.replay_id is not null
        and observed.is_sampled_evenly
        and is_to_the_end as is_sc2_complete,
        -- A tracker stream that is cut may end before the game did.
        with_units.replay_id is not null
        and observed.is_sampled_evenly
        and replays.tracker_complete is false
        and coalesce(endings.last_game_loop > coalesce(tracker_endings.last_game_loop, 0), false) as covers_more,
        if(is_to_the_end, 1, round(endings.last_game_loop / replays.duration_game_loops, 4)) as sc2_covered_share

    from staging.stg_replays as replays

    left join observed on replays.replay_id = observed.replay_id

    left join endings on replays.replay_id = endings.replay_id

    left join tracker_endings on replays.replay_id = tracker_endings.replay_id

    left join with_units on replays.replay_id = with_units.replay_id

)

select
    replay_id,
    if(is_sc2_complete or (has_sc2 and (covers_more or not has_tracker)), 'sc2', 'tracker') as source,
    has_tracker,
    has_sc2,
    is_sc2_complete,
    if(has_sc2, sc2_covered_share, null) as sc2_covered_share

from extracted
