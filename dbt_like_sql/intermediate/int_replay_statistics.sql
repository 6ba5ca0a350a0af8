-- Grain: one row per replay, statistic and value that occurs in it, without its map.
with

-- With --fog on, what a pass saw of others is not in the passes of their owners as it was seen: it counts as shown. People's
-- units and what is neutral; those without a pass are among the first pass's own.
fogged as (

    select distinct replay_id

    from staging.stg_unit_snapshots

    where is_fogged

),

sights as (

    select sightings.replay_id, sightings.unit_type, sightings.unit_type_id

    from raw.unit_sightings as sightings

    inner join fogged
        on sightings.replay_id = fogged.replay_id

    left join staging.stg_replay_players as owners
        on sightings.replay_id = owners.replay_id and sightings.player_id = owners.player_id

    where sightings.alliance = 'neutral' or not coalesce(owners.is_computer, true)

),

counts as (

    select replay_id, 'observation' as statistic, 'player ' || player_id as value, count(*) as count

    from staging.stg_player_snapshots

    group by replay_id, player_id

    union all

    select replay_id, 'action', coalesce(kind, 'none'), count(*)

    from raw.actions

    group by replay_id, kind

    union all

    select replay_id, 'used_ability', coalesce(ability, 'ability ' || ability_id), count(*)

    from raw.actions

    where ability_id is not null

    group by replay_id, ability, ability_id

    union all

    select replay_id, 'available_ability', coalesce(ability, 'ability ' || ability_id), count(*)

    from raw.available_abilities

    group by replay_id, ability, ability_id

    union all

    select replay_id, 'unit', coalesce(unit_type, 'unit type ' || unit_type_id), count(*)

    from staging.stg_unit_snapshots

    group by replay_id, unit_type, unit_type_id

    union all

    select replay_id, 'unit', coalesce(unit_type, 'unit type ' || unit_type_id), count(*)

    from sights

    group by replay_id, unit_type, unit_type_id

    union all

    select replay_id, 'buff', coalesce(buff, 'buff ' || buff_id), count(*)

    from raw.unit_buffs

    group by replay_id, buff, buff_id

    union all

    -- An upgrade stays: it is there at every observation of its player's pass from the first with it on.
    select
        upgrades.replay_id, 'upgrade', coalesce(upgrades.upgrade, 'upgrade ' || upgrades.upgrade_id), count(*)

    from staging.stg_upgrades_seen as upgrades

    inner join staging.stg_player_snapshots as snapshots
        on upgrades.replay_id = snapshots.replay_id
        and upgrades.pass_player_id = snapshots.player_id
        and upgrades.game_loop <= snapshots.game_loop

    group by upgrades.replay_id, upgrades.upgrade, upgrades.upgrade_id

    union all

    -- A row is a place of an effect, which may have many.
    select
        replay_id,
        'effect',
        coalesce(effect, 'effect ' || effect_id),
        count(distinct (pass_player_id, game_loop, effect_index))

    from staging.stg_effects

    group by replay_id, effect, effect_id

    union all

    select replay_id, 'race', coalesce(race_actual, 'Unknown'), count(*)

    from marts.fct_replay_players

    group by replay_id, race_actual

)

select
    replay_id,
    statistic,
    value,
    sum(count)::bigint as count

from counts

group by replay_id, statistic, value
