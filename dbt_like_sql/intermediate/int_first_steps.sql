-- Grain: one row per replay, player, item, whether near an enemy, and how many of them were begun.
with

distances as (

    select
        structures.replay_id,
        structures.unit_tag,
        min(sqrt((structures.birth_x - theirs.x) ** 2 + (structures.birth_y - theirs.y) ** 2)) as cells_from_enemy,
        any_value(sqrt((structures.birth_x - own.x) ** 2 + (structures.birth_y - own.y) ** 2)) as cells_from_start

    from marts.fct_units as structures

    inner join marts.fct_replay_players as mine using (replay_id, player_id)

    inner join marts.fct_replay_players as enemies
        on structures.replay_id = enemies.replay_id and mine.side != enemies.side

    inner join intermediate.int_start_places as theirs
        on enemies.replay_id = theirs.replay_id and enemies.player_id = theirs.player_id

    inner join intermediate.int_start_places as own
        on structures.replay_id = own.replay_id and structures.player_id = own.player_id

    where structures.start_method = 'init' and structures.is_structure

    group by structures.replay_id, structures.unit_tag

),

begun as (

    select
        units.replay_id,
        units.player_id,
        units.source,
        units.first_unit_type as item,
        coalesce(units.started_game_loop, units.finished_game_loop) as game_loop,
        coalesce(distances.cells_from_enemy < distances.cells_from_start, false) as is_proxy

    from marts.fct_units as units

    left join distances using (replay_id, unit_tag)

    where not units.is_hallucination
        and units.end_reason is distinct from 'cancelled'
        and if(units.is_structure, units.start_method = 'init', units.is_army)

    union all

    select replay_id, player_id, source, upgrade, coalesce(started_game_loop, finished_game_loop), false

    from marts.fct_upgrades

    union all

    select replay_id, player_id, source, to_unit_type, game_loop, false

    from marts.fct_unit_type_changes

    where kind in ('morph', 'morph_start')

),

early as (

    select begun.*

    from begun

    inner join marts.fct_replay_players as players using (replay_id, player_id)

    where begun.game_loop < game_loop_at(8)

)

select
    replay_id,
    player_id,
    item,
    false as is_proxy,
    row_number() over (partition by replay_id, player_id, item order by game_loop) as nth,
    source,
    game_loop

from early

union all

select
    replay_id,
    player_id,
    item,
    true as is_proxy,
    row_number() over (partition by replay_id, player_id, item order by game_loop) as nth,
    source,
    game_loop

from early

where is_proxy
