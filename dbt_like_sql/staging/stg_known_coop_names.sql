-- Grain: one row per kind, commander and place.
select
    kind,
    commander,
    place,
    name

from raw.known_coop_names
