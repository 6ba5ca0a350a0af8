-- Grain: one row per account; per name for bots, which have none.
with

appearances as (

    select
        players.*,
        replays.played_at,
        replays.is_canonical

    from marts.fct_replay_players as players

    inner join marts.dim_replays as replays on players.replay_id = replays.replay_id

    where players.player_key is not null

)

select
    player_key,
    any_value(toon_handle) as toon_handle,
    arg_max(name, (played_at, replay_id)) as name,
    list_sort(list(distinct name)) as names_seen,
    case split_part(any_value(toon_handle), '-', 1)
        when '1' then 'us' when '2' then 'eu' when '3' then 'kr' when '5' then 'cn' when '98' then 'xx'
    end as region,
    bool_and(toon_handle is null) as is_bot,
    count(distinct replay_id) as replay_count,
    count(distinct replay_id) filter (is_canonical) as game_count,
    count(distinct replay_id) filter (is_canonical and is_winner) as win_count,
    arg_max(mmr, played_at) filter (mmr is not null) as last_mmr,
    min(played_at) as first_played_at,
    max(played_at) as last_played_at

from appearances

group by player_key
