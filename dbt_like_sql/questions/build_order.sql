-- Grain: one row per unit or structure begun.
with

game as (

    select replay_id

    from marts.dim_replays

    where $replay::text is null or replay_id = $replay

    order by game_mode = '1v1' desc, played_at desc nulls last, replay_id

    limit 1

),

begun as (

    select
        units.replay_id,
        units.player_id,
        units.unit_tag,
        units.started_game_loop,
        units.first_unit_type,
        units.started_known_by,
        units.end_reason = 'cancelled' as is_cancelled,
        players.name

    from marts.fct_units as units

    inner join marts.fct_replay_players as players using (replay_id, player_id)

    where units.replay_id in (from game)
        and units.started_game_loop > 0
        and units.started_game_loop < $minute * 1344
        and not units.is_hallucination
        and units.category in ('worker', 'army', 'townhall', 'production', 'technology', 'supply', 'gas', 'defence', 'addon')
        and ($player::text is null or lower($player) in (lower(players.player_key), lower(players.name)))

)

select
    begun.name,
    format('{}:{:02d}', begun.started_game_loop // 1344, begun.started_game_loop % 1344 * 5 // 112) as clock,
    samples.supply_used,
    begun.first_unit_type as unit_type,
    begun.started_known_by as known_by,
    begun.is_cancelled

from begun

asof left join marts.fct_economy_snapshots as samples
    on begun.replay_id = samples.replay_id
    and begun.player_id = samples.player_id
    and begun.started_game_loop > samples.game_loop

order by begun.player_id, begun.started_game_loop, begun.unit_tag
