-- Severity: error
-- The list of deaths holds the units that fct_units calls losses, and no other.
select
    coalesce(units.replay_id, deaths.replay_id) as replay_id,
    coalesce(units.unit_tag, deaths.unit_tag) as unit_tag

from (select replay_id, unit_tag from marts.fct_units where is_loss) as units

full outer join marts.fct_unit_deaths as deaths
    on units.replay_id = deaths.replay_id and units.unit_tag = deaths.unit_tag

where units.unit_tag is null or deaths.unit_tag is null
