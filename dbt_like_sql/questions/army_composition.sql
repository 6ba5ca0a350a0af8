-- Grain: one row per matchup, race, kind of game and unit type.
with

armies as (

    select games.matchup, games.race_actual, games.start_workers, if(games.mmr is null, 'unrated', 'ladder') as rating,
        games.replay_id, games.player_id,
        count(*) over (partition by games.matchup, games.race_actual, games.start_workers, games.mmr is null) as players

    from asked_players as games

    -- Who has no sample then has left, or no stream that goes so far.
    inner join marts.fct_economy_snapshots as samples
        on games.replay_id = samples.replay_id and games.player_id = samples.player_id

    where games.duration_seconds >= $minute * 60 and samples.game_loop = sample_loop_at($minute)

)

select
    armies.matchup,
    armies.race_actual,
    armies.start_workers,
    armies.rating,
    any_value(armies.players) as players,
    display_name(counts.unit_type) as unit_type,
    round(sum(counts.alive_count) / any_value(armies.players), 1) as average_count,
    round(
        sum(counts.alive_count * (types.minerals_total + types.vespene_total))
        / sum(sum(counts.alive_count * (types.minerals_total + types.vespene_total)))
            over (partition by armies.matchup, armies.race_actual, armies.start_workers, armies.rating),
        3
    ) as army_share

from armies

inner join marts.fct_unit_counts as counts using (replay_id, player_id)

inner join marts.dim_unit_types as types on counts.unit_type = types.unit_type

where counts.game_loop = sample_loop_at($minute) and types.is_army and counts.alive_count > 0

group by armies.matchup, armies.race_actual, armies.start_workers, armies.rating, counts.unit_type

order by armies.matchup, armies.race_actual, armies.start_workers, armies.rating, army_share desc, unit_type
