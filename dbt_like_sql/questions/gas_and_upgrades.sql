-- Grain: one row per race and gas building or upgrade.
with

moments as (

    select units.replay_id, units.player_id, 'first gas building' as what, 'begun' as event,
        min(units.started_game_loop) as game_loop

    from marts.fct_units as units

    where units.category = 'gas' and units.end_reason != 'cancelled' and units.started_game_loop > 0

    group by units.replay_id, units.player_id

    union all

    select replay_id, player_id, upgrade, 'finished', game_loop

    from intermediate.int_real_upgrades

    union all

    select replay_id, player_id, upgrade, 'begun', started_game_loop

    from marts.fct_upgrades

    where started_game_loop is not null

)

select
    games.race_actual,
    moments.what,
    moments.event,
    count(*) as player_games,
    clock(median(moments.game_loop)) as median_clock

from moments

inner join marts.player_game_summary as games using (replay_id, player_id)

where games.game_mode = '1v1' and ($matchup::text is null or games.matchup = $matchup)
        and (not games.is_resumed or $resumed = 1)
        and ($player::text is null or lower($player) in (lower(games.player_key), lower(games.name)))

group by games.race_actual, moments.what, moments.event

order by player_games desc, games.race_actual, moments.what, moments.event

limit $rows
