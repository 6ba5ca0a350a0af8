-- Grain: one row per replay and player.
select
    players.replay_id,
    players.player_id,
    sources.source,
    players.player_key,
    players.toon_handle,
    players.name,
    players.clan_tag,
    players.partner_name,
    players.partner_toon_handle,
    players.user_id,
    players.slot_id,
    players.team,
    -- Co-op puts each partner, and the computers they fight, on teams of their own; GameHeart puts all on one.
    case
        when bool_or(players.commander is not null) over replay then if(players.is_computer, 'computer', 'people')
        when min(players.team) over replay = max(players.team) over replay then 'player ' || players.player_id
        else 'team ' || players.team
    end as side,
    players.race_requested,
    players.race_actual,
    players.race_letter,
    players.result,
    players.is_winner,
    players.mmr,
    players.mmr_status,
    players.apm,
    players.highest_league,
    players.is_computer,
    players.ai_difficulty,
    players.color,
    players.handicap,
    players.commander,
    players.commander_level,
    players.commander_mastery_level,
    players.commander_mastery_talents,
    players.commander_prestige

from staging.stg_replay_players as players

inner join intermediate.int_replay_sources as sources on players.replay_id = sources.replay_id

window replay as (partition by players.replay_id)
