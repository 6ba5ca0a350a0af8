-- Grain: one row per replay and player.
select
    players.*,
    sources.source,
    -- Co-op puts each partner, and the computers they fight, on teams of their own; GameHeart puts all on one.
    case
        when bool_or(players.commander is not null) over replay then if(players.is_computer, 'computer', 'people')
        when min(players.team) over replay = max(players.team) over replay then 'player ' || players.player_id
        else 'team ' || players.team
    end as side

from staging.stg_replay_players as players

inner join intermediate.int_replay_sources as sources on players.replay_id = sources.replay_id

window replay as (partition by players.replay_id)
