-- Grain: one row per replay and player.
select players.*

from staging.stg_replay_players as players

inner join intermediate.int_replay_sources as sources
    on players.replay_id = sources.replay_id and players.source = sources.source
