-- Grain: one row per replay and type change of a unit.
with

changes as (

    select
        changes.*,
        from_types.base_unit_type = to_types.base_unit_type as is_same_base,
        coalesce(to_types.is_structure, false) as is_structure,
        'addon' in (from_types.category, to_types.category) as is_addon,
        regexp_matches(changes.from_unit_type, 'Egg|Cocoon') as is_from_egg,
        regexp_matches(changes.to_unit_type, 'Egg|Cocoon') as is_to_egg,
        -- What hatches beside its egg leaves the egg to change back and die in the same game loop.
        lives.died_game_loop - changes.game_loop <= 1 and lives.killer_player_id is null as is_last,
        from_types.made_of = to_types.base_unit_type or starts_with(changes.to_unit_type, 'Larva') as is_to_origin

    from intermediate.int_unit_type_changes as changes

    inner join intermediate.int_unit_lifetimes as lives
        on changes.replay_id = lives.replay_id and changes.unit_tag = lives.unit_tag

    left join intermediate.int_unit_types as from_types
        on changes.replay_id = from_types.replay_id and changes.from_unit_type = from_types.unit_type

    left join intermediate.int_unit_types as to_types
        on changes.replay_id = to_types.replay_id and changes.to_unit_type = to_types.unit_type

)

select
    replay_id,
    source,
    event_index,
    game_loop,
    game_seconds(game_loop) as seconds,
    unit_tag,
    player_id,
    from_unit_type,
    to_unit_type,
    case
        when is_to_egg then 'morph_start'
        when is_from_egg and is_last then 'hatch'
        when is_from_egg and is_to_origin then 'morph_cancel'
        when is_addon then 'addon'
        when to_unit_type || 'Flying' = from_unit_type and is_structure then 'lift_land'
        when from_unit_type || 'Flying' = to_unit_type and is_structure then 'lift_land'
        when is_same_base and contains(from_unit_type || to_unit_type, 'Burrowed') then 'burrow'
        when is_same_base then 'mode'
        else 'morph'
    end as kind

from changes
