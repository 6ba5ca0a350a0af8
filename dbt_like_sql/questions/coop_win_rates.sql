-- Grain: one row per commander, prestige and difficulty.
select
    players.commander,
    players.commander_prestige as prestige,
    missions.difficulty,
    count(*) as games,
    count(*) filter (players.is_winner) as wins,
    round(count(*) filter (players.is_winner) / nullif(count(players.is_winner), 0), 3) as win_rate,
    round(avg(players.commander_mastery_level)) as average_mastery_level

from marts.fct_replay_players as players

inner join asked_games as games using (replay_id)

inner join marts.fct_coop_games as missions using (replay_id)

where players.commander is not null
    and ($commander::text is null or lower(players.commander) = lower($commander))

group by players.commander, players.commander_prestige, missions.difficulty

order by games desc, players.commander, prestige, missions.difficulty
