-- Grain: one row per replay and player.
-- What a side wins, all of it wins; arcade maps decide for each player by rules of their own.
with

seats as (

    select
        players.*,
        replays.game_mode,
        sources.source,
        -- Co-op puts each partner, and the computers they fight, on teams of their own; GameHeart puts all on one.
        case
            when bool_or(players.commander is not null) over replay then if(players.is_computer, 'computer', 'people')
            when min(players.team) over replay = max(players.team) over replay then 'player ' || players.player_id
            else 'team ' || players.team
        end as side

    from staging.stg_replay_players as players

    inner join staging.stg_replays as replays on players.replay_id = replays.replay_id

    inner join intermediate.int_replay_sources as sources on players.replay_id = sources.replay_id

    window replay as (partition by players.replay_id)

),

sides as (

    select
        replay_id,
        side,
        case
            when bool_or(result = 'victory') then 'victory'
            when bool_or(result = 'defeat') then 'defeat'
            when bool_or(result = 'tie') then 'tie'
        end as result

    from seats

    where game_mode != 'arcade'

    group by replay_id, side

),

outcomes as (

    -- Two sides can't win one game: such a file is wrong, and nothing in it says where.
    select
        replay_id,
        side,
        if(count_if(result = 'victory') over replay > 1, 'undecided', result) as result

    from sides

    window replay as (partition by replay_id)

)

select
    seats.replay_id,
    seats.player_id,
    seats.source,
    seats.player_key,
    seats.toon_handle,
    seats.name,
    seats.clan_tag,
    seats.partner_name,
    seats.partner_toon_handle,
    seats.user_id,
    seats.slot_id,
    seats.team,
    seats.side,
    seats.race_requested,
    seats.race_actual,
    seats.race_letter,
    coalesce(outcomes.result, seats.result) as result,
    case
        when coalesce(outcomes.result, seats.result) in ('victory', 'defeat', 'tie')
            then coalesce(outcomes.result, seats.result) = 'victory'
    end as is_winner,
    seats.mmr,
    seats.mmr_status,
    seats.apm,
    seats.highest_league,
    seats.is_computer,
    seats.ai_difficulty,
    seats.color,
    seats.handicap,
    seats.commander,
    seats.commander_level,
    seats.commander_mastery_level,
    seats.commander_mastery_talents,
    seats.commander_prestige

from seats

left join outcomes on seats.replay_id = outcomes.replay_id and seats.side = outcomes.side
