-- Grain: one row per replay, sample, player and unit type with a change since the sample before.
with

steps as (

    select
        replay_id,
        game_loop,
        player_id_after as player_id,
        unit_type_after as unit_type,
        case when state_after = 'alive' then 1 else 0 end as alive,
        case when state_after = 'in_progress' then 1 else 0 end as in_progress,
        case when event in ('born', 'init') then 1 else 0 end as started,
        case when event in ('born', 'done') then 1 else 0 end as finished,
        0 as lost

    from intermediate.int_unit_states

    union all

    select
        states.replay_id,
        states.game_loop,
        states.player_id_before,
        states.unit_type_before,
        case when states.state_before = 'alive' then -1 else 0 end,
        case when states.state_before = 'in_progress' then -1 else 0 end,
        0,
        0,
        case when states.event = 'died' and ends.is_loss then 1 else 0 end

    from intermediate.int_unit_states as states

    inner join intermediate.int_unit_ends as ends
        on states.replay_id = ends.replay_id and states.unit_tag = ends.unit_tag

    where states.state_before is not null

)

select
    samples.replay_id,
    samples.source,
    samples.game_loop,
    samples.last_game_loop,
    steps.player_id,
    steps.unit_type,
    sum(steps.alive)::integer as alive_change,
    sum(steps.in_progress)::integer as in_progress_change,
    sum(steps.started)::integer as started_count,
    sum(steps.finished)::integer as finished_count,
    sum(steps.lost)::integer as lost_count

from steps

asof inner join intermediate.int_sample_loops as samples
    on steps.replay_id = samples.replay_id and steps.game_loop <= samples.game_loop

where steps.player_id > 0 and steps.unit_type is not null

group by
    samples.replay_id, samples.source, samples.game_loop, samples.last_game_loop, steps.player_id, steps.unit_type
