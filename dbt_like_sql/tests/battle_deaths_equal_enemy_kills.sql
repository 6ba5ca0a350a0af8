-- Severity: error
-- Every unit that an enemy killed belongs to exactly one battle, and a battle has as many deaths as units belong to it.
with

killed as (

    select replay_id, count(*) as units

    from marts.fct_unit_deaths

    where killer_side in ('enemy', 'unknown') and x is not null and y is not null

    group by replay_id

),

found as (

    select deaths.replay_id, count(*) as units

    from marts.fct_battle_deaths as battle_deaths

    inner join marts.fct_unit_deaths as deaths using (replay_id, unit_tag)

    where deaths.killer_side in ('enemy', 'unknown')

    group by deaths.replay_id

),

counted as (

    select replay_id, sum(death_count) as units from marts.fct_battles group by replay_id

),

listed as (

    select replay_id, count(*) as units from marts.fct_battle_deaths group by replay_id

)

select
    replay_id,
    killed.units as killed,
    found.units as found,
    counted.units as counted,
    listed.units as listed

from killed

full outer join found using (replay_id)

full outer join counted using (replay_id)

full outer join listed using (replay_id)

where killed.units is distinct from found.units or counted.units is distinct from listed.units
