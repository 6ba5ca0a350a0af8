-- Grain: one row per unit and sample of the minute.


select player_id, unit_tag, display_name(unit_type) as unit_type, game_loop, x, y, health

from raw.unit_snapshots

where replay_id in (from asked_game)
    and pass_player_id = player_id
    and game_minute(game_loop) = $minute
    and ($unit::text is null or lower($unit) in (lower(unit_type), lower(display_name(unit_type))))

order by player_id, unit_tag, game_loop
