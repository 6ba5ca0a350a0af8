-- Grain: one row per unit and sample of the minute.
with

game as (

    select replay_id

    from marts.dim_replays

    where $replay::text is null or replay_id = $replay

    order by game_mode = '1v1' desc, played_at desc nulls last, replay_id

    limit 1

)

select player_id, unit_tag, unit_type, game_loop, x, y, health

from raw.unit_snapshots

where replay_id in (from game)
    and pass_player_id = player_id
    and game_minute(game_loop) = $minute
    and ($unit::text is null or unit_type = $unit)

order by player_id, unit_tag, game_loop
