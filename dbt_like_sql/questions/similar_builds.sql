-- Grain: one row per game and player of the same race.
with

structures as (

    select
        units.replay_id,
        units.player_id,
        -- A letter of one byte for each of a race's types, so that edits are counted in structures.
        chr((32 + dense_rank() over (partition by games.race_actual order by units.first_unit_type))::integer) as letter,
        row_number() over (
            partition by units.replay_id, units.player_id order by units.started_game_loop, units.unit_tag
        ) as step_number

    from marts.fct_units as units

    inner join marts.player_game_summary as games using (replay_id, player_id)

    where (games.replay_id in (from asked_game) or games.replay_id in (select replay_id from asked_games))
        and units.start_method = 'init'
        and units.is_structure
        and units.end_reason != 'cancelled'
        and units.category in ('townhall', 'production', 'technology', 'gas', 'defence')

),

builds as (

    select games.*, string_agg(structures.letter, '' order by structures.step_number) as letters

    from structures

    inner join marts.player_game_summary as games using (replay_id, player_id)

    where structures.step_number <= $steps

    group by all

),

ours as (

    select *

    from builds

    where replay_id in (from asked_game)
        and ($player is null or lower($player) in (lower(player_key), lower(name)))

    order by is_winner desc nulls last, player_id

    limit 1

)

select
    builds.replay_id,
    games.game,
    builds.name,
    builds.matchup,
    levenshtein(builds.letters, ours.letters) as edits,
    round(1 - levenshtein(builds.letters, ours.letters) / greatest(length(builds.letters), length(ours.letters)), 2)
        as likeness,
    builds.is_winner

from builds

inner join ours on builds.race_actual = ours.race_actual and builds.replay_id != ours.replay_id

inner join marts.games as games on builds.replay_id = games.replay_id

order by edits, builds.replay_id, builds.player_id

limit $rows
