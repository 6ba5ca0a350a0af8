-- Grain: one row per unit type carried.
select
    passengers.unit_type,
    count(distinct (passengers.replay_id, passengers.passenger_unit_tag)) as passengers,
    count(*) as passenger_samples

from raw.unit_passengers as passengers

inner join marts.player_game_summary as games
    on passengers.replay_id = games.replay_id and passengers.pass_player_id = games.player_id

where ($matchup::text is null or games.matchup = $matchup)
        and ($player::text is null or lower($player) in (lower(games.player_key), lower(games.name)))

group by passengers.unit_type

order by passenger_samples desc, passengers.unit_type
