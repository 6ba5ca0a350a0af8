-- Grain: one row per replay of co-op and commander's player.
with

players as (

    select * from marts.fct_replay_players where commander is not null

),

points as (

    select
        replay_id,
        player_id,
        commander,
        unnest(commander_mastery_talents) as points,
        generate_subscripts(commander_mastery_talents, 1) - 1 as place

    from players

),

named_points as (

    select
        points.replay_id,
        points.player_id,
        map_from_entries(
            list((coalesce(names.name, 'mastery ' || (points.place + 1)), points.points) order by points.place)
        ) as mastery_points

    from points

    left join raw.known_coop_names as names
        on names.kind = 'mastery' and points.commander = names.commander and points.place = names.place

    group by points.replay_id, points.player_id

)

select
    players.replay_id,
    players.player_id,
    players.source,
    players.player_key,
    players.name,
    players.commander,
    players.race_actual,
    players.result,
    players.is_winner,
    players.apm,
    players.commander_level,
    players.commander_mastery_level,
    players.commander_mastery_talents,
    named_points.mastery_points,
    players.commander_prestige,
    prestiges.name as prestige

from players

left join named_points
    on players.replay_id = named_points.replay_id and players.player_id = named_points.player_id

left join raw.known_coop_names as prestiges
    on prestiges.kind = 'prestige'
        and players.commander = prestiges.commander
        and players.commander_prestige = prestiges.place
