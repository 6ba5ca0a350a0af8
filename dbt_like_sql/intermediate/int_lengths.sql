-- Grain: one row per replay.
-- Clients write statistics of all players every 160 game loops, and once more at the moment that decides the game or at
-- which the recorder leaves it; then no more, while a recording may go on.
with

sides as (

    select samples.replay_id, players.side, max(samples.game_loop) as last_game_loop

    from staging.stg_player_stats as samples

    inner join marts.fct_replay_players as players using (replay_id, player_id)

    group by samples.replay_id, players.side

),

lasts as (

    select
        replay_id,
        max(last_game_loop) as last_game_loop,
        -- A game with one side left is over, however long its player stays.
        coalesce(max(last_game_loop, 2)[2], max(last_game_loop)) as last_of_two_game_loop

    from sides

    group by replay_id

),

events as (

    select replay_id, max(game_loop) as last_game_loop from staging.stg_unit_events group by replay_id

),

ends as (

    select
        replays.replay_id,
        replays.duration_game_loops as recording_game_loops,
        coalesce(replays.tracker_complete, false) as is_told,
        if(
            replays.game_mode in ('coop', 'arcade'), lasts.last_game_loop, lasts.last_of_two_game_loop
        ) as sampled_game_loop,
        coalesce(events.last_game_loop, 0) as event_game_loop

    from staging.stg_replays as replays

    left join lasts on replays.replay_id = lasts.replay_id

    left join events on replays.replay_id = events.replay_id

),

sampled as (

    select
        *,
        -- Of a recording that stops between two regular statistics nothing says that the game was over.
        coalesce(
            is_told
            and sampled_game_loop <= recording_game_loops
            and (sampled_game_loop % 160 != 0 or sampled_game_loop + 160 <= recording_game_loops),
            false
        ) as is_sampled

    from ends

),

known as (

    select
        replay_id,
        recording_game_loops,
        if(is_sampled, sampled_game_loop, recording_game_loops) as end_game_loop,
        is_sampled,
        event_game_loop,
        -- In no game is nothing made, lost or mined out for ten minutes: who waits in a lobby plays none.
        is_told and if(is_sampled, sampled_game_loop, recording_game_loops) - event_game_loop > game_loops(600) as is_idle

    from sampled

)

select
    replay_id,
    if(is_idle, event_game_loop, end_game_loop) as duration_game_loops,
    case when is_idle then 'last_event' when is_sampled then 'statistics' else 'recording' end as duration_known_by,
    recording_game_loops

from known
