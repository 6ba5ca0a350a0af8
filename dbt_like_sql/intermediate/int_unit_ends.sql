-- Grain: one row per replay and unit.
with

lives as (

    select
        lifetimes.* exclude (is_hallucination),
        consumed.consumed_game_loop,
        consumed.became_unit_tag,
        types.category,
        types.is_timed,
        types.base_unit_type,
        types.has_next_shape,
        coalesce(lifetimes.killer_player_id = lifetimes.last_player_id, false) as is_ended_by_own_side,
        coalesce(lifetimes.killer_unit_tag = lifetimes.unit_tag, false) as is_ended_by_itself,
        coalesce(lifetimes.killer_unit_tag != lifetimes.unit_tag, false) as is_ended_by_other_unit,
        -- The game says so; in the stream, hallucinations last their time, and which ability made a unit is known where
        -- births name it.
        coalesce(lifetimes.is_hallucination, false)
        or coalesce(starts_with(lifetimes.creator_ability, 'Hallucination'), false)
        -- Where births name no maker, what is born away from all that can make it.
        or (not rules.births_name_makers and types.race = 'Protoss' and types.category in ('army', 'worker') and steps.is_spawned is not null)
        or (
            lifetimes.creator_ability is null
            and types.race = 'Protoss'
            and lifetimes.first_event = 'born'
            and lifetimes.died_game_loop - lifetimes.finished_game_loop = rules.hallucination_game_loops
            and coalesce(lifetimes.killer_player_id = lifetimes.last_player_id, false)
        ) as is_hallucination

    from intermediate.int_unit_lifetimes as lifetimes

    left join intermediate.int_unit_types as types
        on lifetimes.replay_id = types.replay_id and lifetimes.last_unit_type = types.unit_type

    left join intermediate.int_replay_rules as rules on lifetimes.replay_id = rules.replay_id

    left join (select replay_id, unit_tag, is_spawned from staging.stg_build_steps where is_spawned) as steps
        on lifetimes.replay_id = steps.replay_id and lifetimes.unit_tag = steps.unit_tag

    left join intermediate.int_consumed_units as consumed
        on lifetimes.replay_id = consumed.replay_id and lifetimes.unit_tag = consumed.unit_tag

),

reasons as (

    select
        *,
        case
            when died_game_loop is null then 'alive_at_end'
            when is_ended_by_own_side and last_unit_type = 'Changeling' and is_ended_by_itself then 'morphed'
            when is_ended_by_own_side and (is_timed or is_hallucination or category = 'dummy') then 'expired'
            when is_ended_by_own_side and finished_game_loop is null and not is_ended_by_other_unit then 'cancelled'
            when is_ended_by_own_side and is_ended_by_itself and base_unit_type = 'Bunker' then 'cancelled'
            when is_ended_by_own_side and category = 'unknown' then 'expired'
            when killer_player_id is not null then 'killed'
            when first_event = 'init' and finished_game_loop is null then 'cancelled'
            -- The game names the dead and not their killers: what nothing else explains was killed.
            when died_known_by = 'dead_units' and (is_timed or is_hallucination or category = 'dummy') then 'expired'
            when died_known_by = 'dead_units'
                and became_unit_tag is null
                and not regexp_matches(last_unit_type, 'Larva|Egg|Cocoon')
                then 'killed'
            when regexp_matches(last_unit_type, '^(Drone|HighTemplar|DarkTemplar)') then 'consumed'
            when category = 'larva' or has_next_shape then 'morphed'
            when died_known_by in ('dead_units', 'vanished') and contains(last_unit_type, 'Cocoon') then 'morphed'
            else 'expired'
        end as end_reason

    from lives

)

select
    replay_id,
    unit_tag,
    end_reason,
    is_hallucination,
    coalesce(consumed_game_loop, died_game_loop) as ended_game_loop,
    became_unit_tag,
    end_reason = 'killed'
    and coalesce(last_player_id, 0) > 0
    and category not in ('larva', 'dummy')
    and not is_hallucination as is_loss

from reasons
