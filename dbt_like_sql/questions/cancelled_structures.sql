-- Grain: one row per structure type.
select
    display_name(made.item) as unit_type,
    count(*) as begun,
    count(*) filter (made.is_cancelled) as cancelled,
    round(count(*) filter (made.is_cancelled) / count(*), 3) as cancelled_share,
    round(game_seconds(median(made.ended_game_loop - made.started_game_loop) filter (made.is_cancelled)), 1) as median_seconds

from marts.fct_build_orders as made

inner join asked_players as games using (replay_id, player_id)

inner join marts.dim_unit_types as types on made.item = types.unit_type and types.is_structure

where made.kind in ('structure', 'addon', 'morph')

group by made.item

having count(*) filter (made.is_cancelled) > 0

order by cancelled desc, unit_type
