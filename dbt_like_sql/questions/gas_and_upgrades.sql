-- Grain: one row per race and gas building or upgrade.
with

moments as (

    select units.replay_id, units.player_id, 'first gas building' as what, 'begun' as event,
        min(units.started_game_loop) as game_loop

    from marts.fct_units as units

    where units.category = 'gas' and units.end_reason != 'cancelled' and units.started_game_loop > 0

    group by units.replay_id, units.player_id

    union all

    select replay_id, player_id, display_name(upgrade), 'finished', game_loop

    from intermediate.int_real_upgrades

    union all

    select replay_id, player_id, display_name(upgrade), 'begun', started_game_loop

    from marts.fct_upgrades

    where started_game_loop is not null

)

select
    games.race_actual,
    games.start_workers,
    moments.what,
    moments.event,
    count(*) as player_games,
    clock(median(moments.game_loop)) as median_clock

from moments

inner join asked_players as games using (replay_id, player_id)

group by games.race_actual, games.start_workers, moments.what, moments.event

order by player_games desc, games.race_actual, games.start_workers, moments.what, moments.event

limit $rows
