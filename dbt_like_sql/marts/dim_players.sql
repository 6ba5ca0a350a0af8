-- Grain: one row per account; per name for bots, which have none.
with

people as (

    select replay_id, player_key, toon_handle, name, is_winner, mmr

    from marts.fct_replay_players

    where player_key is not null

    union all

    select replay_id, partner_toon_handle, partner_toon_handle, partner_name, is_winner, null

    from marts.fct_replay_players

    where partner_toon_handle is not null

),

appearances as (

    select people.*, replays.played_at, replays.is_canonical

    from people

    inner join marts.dim_replays as replays on people.replay_id = replays.replay_id

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
    arg_max(mmr, (played_at, replay_id)) filter (mmr is not null) as last_mmr,
    min(played_at) as first_played_at,
    max(played_at) as last_played_at

from appearances

group by player_key
