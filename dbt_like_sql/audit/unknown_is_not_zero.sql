-- Looks at: replays and measures that not every build can tell
-- Explained in: definitions.md#measures
-- Holds: What a build does not tell is NULL: killing units and their kills before base build 27950, effective supply blocks before 55505.
-- Why: A zero in place of what nobody knows goes into sums and into the denominators of averages.
-- Reading: A finding is a defect of ours. Averages skip NULL, so a mart that has NULL keeps those games out of them.
with

kills as (

    select replay_id, 'fct_units.kill_count' as measure, 27950 as known_since, count(kill_count) as known

    from marts.fct_units

    group by replay_id

),

blocks as (

    select
        replay_id,
        'fct_effective_supply_blocks.is_effective' as measure,
        55505 as known_since,
        count(is_effective) as known

    from marts.fct_effective_supply_blocks

    where source = 'tracker'

    group by replay_id

),

killers as (

    select replay_id, 'fct_unit_deaths.killer_unit_type' as measure, 27950 as known_since, count(killer_unit_type) as known

    from marts.fct_unit_deaths

    where source = 'tracker'

    group by replay_id

),

summaries as (

    select
        replay_id,
        'player_game_summary.effective_supply_blocked_seconds' as measure,
        55505 as known_since,
        count(effective_supply_blocked_seconds) as known

    from marts.player_game_summary

    where source = 'tracker'

    group by replay_id

)

select
    measures.replay_id,
    if(measures.known > 0, format('{} has {} values, which its build does not tell', measures.measure, measures.known), null)
        as finding,
    false as is_explained

from (from kills union all from blocks union all from killers union all from summaries) as measures

inner join marts.dim_replays as replays on measures.replay_id = replays.replay_id

where replays.base_build < measures.known_since
