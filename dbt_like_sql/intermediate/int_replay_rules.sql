-- Grain: one row per replay.
-- Rules that are a whole game's: co-op's own before those of the ladder, and these before those of all modes.
with

facts as (

    select
        moments.replay_id,
        rules.subject,
        rules.fact,
        rules.value,
        case rules.mode when 'coop' then 2 when 'ladder' then 1 else 0 end as rank

    from intermediate.int_replay_moments as moments

    inner join staging.stg_known_rules as rules
        on is_reached(
            moments.base_build, moments.data_build, moments.played_on,
            rules.from_base_build, rules.from_data_build, rules.from_day
        )
        and not is_reached(
            moments.base_build, moments.data_build, moments.played_on,
            rules.to_base_build, rules.to_data_build, rules.to_day
        )

    where rules.subject in ('game', 'replay', 'Hallucination')
        and (rules.mode is null or rules.mode = 'ladder' or (rules.mode = 'coop' and moments.is_coop))

)

select
    replay_id,
    arg_max(value, rank) filter (fact = 'clock_game_loops_per_second') as clock_game_loops_per_second,
    arg_max(value, rank) filter (fact = 'collection_rate_game_loops') as collection_rate_game_loops,
    arg_max(value, rank) filter (subject = 'Hallucination' and fact = 'lifetime') as hallucination_game_loops,
    coalesce(arg_max(value, rank) filter (fact = 'births_name_makers') = 1, false) as births_name_makers,
    coalesce(arg_max(value, rank) filter (fact = 'deaths_name_killers') = 1, false) as deaths_name_killers

from facts

group by replay_id
