-- Grain: one row per structure or upgrade, by type and number.
with

ours as (

    select games.*

    from marts.player_game_summary as games

    where games.replay_id in (from asked_game)
        and ($player is null or lower($player) in (lower(games.player_key), lower(games.name)))

    order by games.is_winner desc nulls last, games.player_id

    limit 1

),

theirs as (

    select games.*

    from marts.player_game_summary as games

    inner join ours on games.race_actual = ours.race_actual and games.replay_id != ours.replay_id

    where games.is_winner
        and if(
            $reference is null,
            games.matchup = ours.matchup and games.replay_id in (select replay_id from asked_games),
            games.replay_id = $reference
        )

    order by games.is_resumed, games.played_at desc nulls last, games.replay_id

    limit 1

),

steps as (

    select
        made.replay_id,
        made.item as unit_type,
        made.started_game_loop,
        row_number() over (partition by made.replay_id, made.item order by made.started_game_loop, made.step_number) as nth

    from marts.fct_build_orders as made

    inner join (from ours union all from theirs) as builders using (replay_id, player_id)

    left join marts.dim_unit_types as types on made.item = types.unit_type

    where made.started_game_loop is not null
        and not made.is_cancelled
        and (made.kind in ('structure', 'addon', 'upgrade') or made.kind = 'morph' and types.is_structure)

)

select
    display_name(coalesce(mine.unit_type, other.unit_type)) as unit_type,
    coalesce(mine.nth, other.nth) as nth,
    clock(mine.started_game_loop) as clock,
    clock(other.started_game_loop) as reference_clock,
    round(game_seconds(mine.started_game_loop - other.started_game_loop), 1) as seconds_later

from (select * from steps where replay_id in (select replay_id from ours)) as mine

full outer join (select * from steps where replay_id in (select replay_id from theirs)) as other
    on mine.unit_type = other.unit_type and mine.nth = other.nth

order by least(mine.started_game_loop, other.started_game_loop), 1, 2
