-- Grain: one row per replay of co-op.
with

teams as (

    select
        replay_id,
        list(commander order by player_id) filter (where commander is not null) as commanders,
        bool_or(is_winner) filter (where commander is not null) as is_won,
        max(brutal_plus) as brutal_plus,
        max(list_filter(retry_mutations, lambda number: number > 0)) as retry_mutations,
        count(distinct ai_difficulty) filter (where is_computer) as difficulties,
        min(ai_difficulty) filter (where is_computer) as ai_difficulty,
        count(*) filter (where is_computer) as computer_count

    from staging.stg_replay_players

    group by replay_id

)

select
    replays.replay_id,
    sources.source,
    replays.map_version_key,
    case
        when teams.brutal_plus > 0 then 'brutal+' || teams.brutal_plus
        when teams.difficulties = 1 then teams.ai_difficulty
    end as difficulty,
    case
        when teams.brutal_plus > 0 then 'lobby'
        when teams.difficulties = 1 then 'computer players'
        else 'unknown'
    end as difficulty_known_by,
    case when len(teams.retry_mutations) > 0 then teams.retry_mutations end as mutator_numbers,
    case when len(teams.retry_mutations) > 0 then 'lobby' else 'unknown' end as mutators_known_by,
    teams.commanders,
    teams.is_won,
    teams.computer_count::integer as computer_count,
    replays.duration_game_loops,
    game_seconds(replays.duration_game_loops) as duration_seconds,
    normal_seconds(replays.duration_game_loops) as duration_normal_seconds

from staging.stg_replays as replays

inner join intermediate.int_replay_sources as sources on replays.replay_id = sources.replay_id

inner join teams on replays.replay_id = teams.replay_id

where replays.is_coop
