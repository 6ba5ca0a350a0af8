-- Grain: one row per account and name; one row per bot, which have only their name.
select
    player_key,
    name,
    count(distinct replay_id) filter (is_canonical) as game_count,
    min(played_at) as first_played_at,
    max(played_at) as last_played_at

from intermediate.int_appearances

group by player_key, name
