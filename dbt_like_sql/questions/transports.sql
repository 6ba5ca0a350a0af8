-- Grain: one row per unit type carried.
select
    display_name(passengers.unit_type) as unit_type,
    count(distinct (passengers.replay_id, passengers.passenger_unit_tag)) as passengers,
    count(*) as passenger_samples

from raw.unit_passengers as passengers

inner join asked_players as games
    on passengers.replay_id = games.replay_id and passengers.pass_player_id = games.player_id

group by passengers.unit_type

order by passenger_samples desc, passengers.unit_type
