-- Grain: one row per replay of co-op.
with

teams as (

    select
        players.replay_id,
        list(players.commander order by players.player_id) filter (where players.commander is not null) as commanders,
        any_value(players.is_winner) filter (where players.side = 'people') as is_won,
        max(recorded.brutal_plus) as brutal_plus,
        max(list_filter(recorded.retry_mutations, lambda number: number > 0)) as retry_mutations,
        count(distinct players.ai_difficulty) filter (where players.is_computer) as difficulties,
        min(players.ai_difficulty) filter (where players.is_computer) as ai_difficulty,
        count(*) filter (where players.is_computer) as computer_count

    from marts.fct_replay_players as players

    inner join staging.stg_replay_players as recorded
        on players.replay_id = recorded.replay_id and players.player_id = recorded.player_id

    group by players.replay_id

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
    lengths.duration_game_loops,
    game_seconds(lengths.duration_game_loops) as duration_seconds,
    normal_seconds(lengths.duration_game_loops) as duration_normal_seconds

from staging.stg_replays as replays

inner join intermediate.int_replay_sources as sources on replays.replay_id = sources.replay_id

inner join intermediate.int_lengths as lengths on replays.replay_id = lengths.replay_id

inner join teams on replays.replay_id = teams.replay_id

where replays.is_coop
