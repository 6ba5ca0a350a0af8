-- Grain: one row per replay, player and unit type that appeared complete, with the build time of its game's rules.
-- A player's commander has rules before co-op, co-op before the expansion, and this before those of all modes.
with

types as (

    select distinct
        lives.replay_id,
        lives.first_player_id as player_id,
        types.unit_type,
        types.base_unit_type,
        types.race

    from intermediate.int_unit_lifetimes as lives

    inner join intermediate.int_unit_types as types
        on lives.replay_id = types.replay_id and lives.first_unit_type = types.unit_type

    where lives.first_event = 'born' and lives.finished_game_loop > 0 and types.category in ('worker', 'army', 'supply')

),

-- What tells its time, and what may speed it up.
subjects as (

    select *, unnest([unit_type, base_unit_type, 'ChronoBoost', 'WarpGateResearch']) as subject from types

),

facts as (

    select
        types.replay_id,
        types.player_id,
        types.unit_type,
        types.race,
        moments.is_coop and players.is_computer as is_scripted,
        rules.fact,
        rules.value,
        (case
            when rules.mode = players.commander then 3
            when rules.mode = 'coop' then 2
            when rules.mode is not null then 1
            else 0
        end, rules.subject = types.unit_type) as rank

    from subjects as types

    inner join intermediate.int_replay_moments as moments on types.replay_id = moments.replay_id

    left join marts.fct_replay_players as players
        on types.replay_id = players.replay_id and types.player_id = players.player_id

    left join intermediate.int_expansions as expansions
        on types.replay_id = expansions.replay_id and types.player_id = expansions.player_id

    inner join staging.stg_known_rules as rules
        on types.subject = rules.subject
        and rules.fact in ('build_time', 'rate', 'gateway_rate')
        and (rules.fact = 'build_time') = (types.subject in (types.unit_type, types.base_unit_type))
        and is_reached(
            moments.base_build, moments.data_build, moments.played_on,
            rules.from_base_build, rules.from_data_build, rules.from_day
        )
        and not is_reached(
            moments.base_build, moments.data_build, moments.played_on,
            rules.to_base_build, rules.to_data_build, rules.to_day
        )

    where rules.mode is null
        or rules.mode = players.commander
        or moments.is_coop and rules.mode in ('coop', 'ladder')
        or not moments.is_coop and rules.mode = coalesce(expansions.expansion, 'ladder')

)

select
    replay_id,
    player_id,
    unit_type,
    arg_max_null(value, rank) filter (fact = 'build_time') as build_game_loops,
    case
        -- Scripts of co-op make what they like when they like.
        when bool_or(is_scripted) then null
        when any_value(race) = 'Protoss'
            then coalesce(arg_max_null(value, rank) filter (fact = 'rate'), 1)
            * coalesce(arg_max_null(value, rank) filter (fact = 'gateway_rate'), 1)
        else 1
    end as fastest_rate

from facts

group by replay_id, player_id, unit_type
