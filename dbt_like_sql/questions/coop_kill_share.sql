-- Grain: one row per game, commander and killing unit type.
with

kills as (

    select deaths.replay_id, deaths.killer_player_id as player_id, deaths.killer_unit_type, count(*) as kills

    from marts.fct_unit_deaths as deaths

    where deaths.killer_side = 'enemy'

    group by deaths.replay_id, deaths.killer_player_id, deaths.killer_unit_type

),

shares as (

    select
        kills.*,
        players.name,
        players.commander,
        games.game,
        sum(kills.kills) over (partition by kills.replay_id, kills.player_id)
        / sum(kills.kills) over (partition by kills.replay_id) as kill_share

    from kills

    inner join marts.fct_replay_players as players using (replay_id, player_id)

    inner join asked_games as games using (replay_id)

    where players.commander is not null

)

select replay_id, game, name, commander, round(kill_share, 3) as kill_share, display_name(killer_unit_type) as killer_unit_type, kills

from shares

where $commander::text is null or lower(commander) = lower($commander)

qualify row_number() over (partition by replay_id, player_id order by kills desc, killer_unit_type) <= $top

order by replay_id, player_id, kills desc, killer_unit_type
