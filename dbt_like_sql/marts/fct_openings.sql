-- Grain: one row per replay and player who began four structures besides supply.
with

structures as (

    select
        units.replay_id,
        units.player_id,
        units.source,
        units.first_unit_type as unit_type,
        units.started_game_loop,
        row_number() over (
            partition by units.replay_id, units.player_id order by units.started_game_loop, units.unit_tag
        ) as step_number

    from marts.fct_units as units

    where units.start_method = 'init'
        and units.is_structure
        and units.end_reason != 'cancelled'
        and units.category in ('townhall', 'production', 'technology', 'gas', 'defence')

)

select
    structures.replay_id,
    structures.player_id,
    any_value(structures.source) as source,
    players.race_actual,
    any_value(replays.is_resumed) as is_resumed,
    string_agg(structures.unit_type, ' > ' order by structures.step_number) as opening_key,
    list(structures.started_game_loop order by structures.step_number) as step_game_loops,
    max(structures.started_game_loop) as opening_game_loops

from structures

inner join marts.fct_replay_players as players using (replay_id, player_id)

inner join intermediate.int_replays as replays using (replay_id)

where structures.step_number <= 4

group by structures.replay_id, structures.player_id, players.race_actual

having count(*) = 4
