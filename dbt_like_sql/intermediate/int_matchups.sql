-- Grain: one row per replay.
with

sides as (

    select
        players.replay_id,
        players.side,
        count(*) as players,
        count(players.race_letter) as players_of_known_race,
        string_agg(players.race_letter, '' order by players.race_letter) as races

    from marts.fct_replay_players as players

    inner join staging.stg_replays as replays on players.replay_id = replays.replay_id

    where replays.game_mode not in ('coop', 'arcade') and players.team is not null

    group by players.replay_id, players.side

)

select
    replay_id,
    count(*) as side_count,
    case
        when count(*) < 2 or sum(players) != sum(players_of_known_race) then null
        when count(*) > 2 then 'FFA'
        else string_agg(races, 'v' order by races)
    end as matchup

from sides

group by replay_id
