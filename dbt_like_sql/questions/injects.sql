-- Grain: one row per game and player.
with

hatcheries as (

    select snapshots.replay_id, snapshots.player_id, snapshots.game_loop, snapshots.unit_tag

    from raw.unit_snapshots as snapshots

    where snapshots.pass_player_id = snapshots.player_id
        and snapshots.build_progress >= 1
        and snapshots.unit_type in ('Hatchery', 'Lair', 'Hive')

),

injected as (

    select distinct replay_id, pass_player_id as player_id, game_loop, unit_tag

    from raw.unit_buffs

    where buff = 'QueenSpawnLarvaTimer'

)

select
    games.replay_id,
    any_value(games.game) as game,
    any_value(games.name) as name,
    count(*) as hatchery_samples,
    round(count(injected.unit_tag) / count(*), 3) as injected_share

from hatcheries

inner join asked_players as games using (replay_id, player_id)

left join injected using (replay_id, player_id, game_loop, unit_tag)

group by games.replay_id, games.player_id

order by games.replay_id, games.player_id
