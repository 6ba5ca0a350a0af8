-- Grain: one row per structure, by type and number.
with

game as (

    select replay_id

    from marts.dim_replays

    where $replay::text is null or replay_id = $replay

    order by game_mode = '1v1' desc, played_at desc nulls last, replay_id

    limit 1

),

ours as (

    select games.*

    from marts.player_game_summary as games

    where games.replay_id in (from game)
        and ($player::text is null or lower($player) in (lower(games.player_key), lower(games.name)))

    order by games.is_winner desc nulls last, games.player_id

    limit 1

),

theirs as (

    select games.*

    from marts.player_game_summary as games

    inner join ours on games.race_actual = ours.race_actual and games.replay_id != ours.replay_id

    where games.is_winner
        and games.game_mode = '1v1'
        and if($reference::text is null, games.matchup = ours.matchup, games.replay_id = $reference)

    order by games.played_at desc nulls last, games.replay_id

    limit 1

),

steps as (

    select
        units.replay_id,
        units.first_unit_type as unit_type,
        units.started_game_loop,
        row_number() over (
            partition by units.replay_id, units.first_unit_type order by units.started_game_loop, units.unit_tag
        ) as nth

    from marts.fct_units as units

    inner join (from ours union all from theirs) as builders using (replay_id, player_id)

    where units.started_known_by = 'init' and units.is_structure and units.end_reason != 'cancelled'

)

select
    coalesce(mine.unit_type, other.unit_type) as unit_type,
    coalesce(mine.nth, other.nth) as nth,
    format('{}:{:02d}', mine.started_game_loop // 1344, mine.started_game_loop % 1344 * 5 // 112) as clock,
    format('{}:{:02d}', other.started_game_loop // 1344, other.started_game_loop % 1344 * 5 // 112) as reference_clock,
    round((mine.started_game_loop - other.started_game_loop) * 5 / 112, 1) as seconds_later

from (select * from steps where replay_id in (select replay_id from ours)) as mine

full outer join (select * from steps where replay_id in (select replay_id from theirs)) as other
    on mine.unit_type = other.unit_type and mine.nth = other.nth

order by least(mine.started_game_loop, other.started_game_loop), 1, 2
