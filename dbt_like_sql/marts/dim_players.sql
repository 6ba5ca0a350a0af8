-- Grain: one row per account; per name for bots, which have none.
select
    player_key,
    any_value(toon_handle) as toon_handle,
    arg_max(name, (played_at, replay_id)) as name,
    list_sort(list(distinct name)) as names_seen,
    region_of(any_value(toon_handle)) as region,
    bool_and(toon_handle is null) as is_bot,
    count(distinct replay_id) as replay_count,
    count(distinct replay_id) filter (is_canonical) as game_count,
    count(distinct replay_id) filter (is_canonical and is_winner) as win_count,
    arg_max(mmr, (played_at, replay_id)) filter (mmr is not null) as last_mmr,
    min(played_at) as first_played_at,
    max(played_at) as last_played_at

from intermediate.int_appearances

group by player_key
