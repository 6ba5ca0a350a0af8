-- Grain: one row per replay, player and sample.
-- The stream writes a player's last sample twice when a game ends as the player leaves: the later one stands.
select *

from staging.stg_player_stats

qualify row_number() over (partition by replay_id, player_id, game_loop order by event_index desc) = 1
