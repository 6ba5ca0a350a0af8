-- Grain: one row per replay, player and sampled game loop.
with

-- Each unit comes from the pass of its owner.
truths as (

    select
        replay_id,
        game_loop,
        pass_player_id,
        is_fogged,
        false as is_sight,
        api_tag,
        repeat_index,
        player_id,
        alliance,
        struct_pack(
            unit_tag := unit_tag,
            api_tag := api_tag,
            unit_type_id := unit_type_id,
            unit_type := unit_type,
            player_id := player_id,
            display_type := display_type,
            x := x,
            y := y,
            z := z,
            build_progress := build_progress,
            health := health,
            shield := shield,
            energy := energy,
            is_hallucination := is_hallucination,
            facing := facing,
            health_max := health_max,
            shield_max := shield_max,
            energy_max := energy_max,
            weapon_cooldown := weapon_cooldown,
            is_flying := is_flying,
            is_burrowed := is_burrowed,
            visible_to := visible_to
        ) as unit

    from staging.stg_unit_snapshots

),

sights as (

    select
        replay_id,
        game_loop,
        pass_player_id,
        true as is_fogged,
        true as is_sight,
        api_tag,
        repeat_index,
        if(player_id = 16, 0, player_id) as player_id,
        alliance,
        struct_pack(
            unit_tag := unit_tag,
            api_tag := api_tag,
            unit_type_id := unit_type_id,
            unit_type := unit_type,
            player_id := if(player_id = 16, 0, player_id),
            display_type := display_type,
            x := x,
            y := y,
            z := z,
            build_progress := build_progress,
            health := health,
            shield := shield,
            energy := energy,
            is_hallucination := is_hallucination,
            facing := null::float,
            health_max := null::float,
            shield_max := null::float,
            energy_max := null::float,
            weapon_cooldown := null::float,
            is_flying := null::boolean,
            is_burrowed := null::boolean,
            visible_to := null::smallint[]
        ) as unit

    from raw.unit_sightings

),

observed as (

    select * from truths

    union all

    select * from sights

),

-- A frame without fog holds what every pass gave; a frame with it, what its own pass gave and saw.
seen as (

    select
        frames.replay_id,
        frames.player_id as frame_player_id,
        frames.game_loop,
        observed.is_fogged,
        observed.is_sight,
        observed.api_tag,
        observed.repeat_index,
        case
            when observed.pass_player_id = frames.player_id then observed.alliance
            when sides.team = own.team then 'ally'
            else 'enemy'
        end as alliance,
        observed.unit,
        bool_or(not observed.is_fogged) over (
            partition by frames.replay_id, frames.player_id, frames.game_loop
        ) as is_open

    from staging.stg_player_snapshots as frames

    inner join observed
        on frames.replay_id = observed.replay_id
        and frames.game_loop = observed.game_loop
        and (frames.player_id = observed.pass_player_id or not observed.is_fogged)

    left join staging.stg_replay_players as sides
        on observed.replay_id = sides.replay_id and observed.player_id = sides.player_id

    left join staging.stg_replay_players as own
        on frames.replay_id = own.replay_id and frames.player_id = own.player_id

    -- Units of players without a pass are among the first pass's own, and in sight of it too.
    qualify row_number() over (
        partition by frames.replay_id, frames.player_id, frames.game_loop, observed.api_tag, observed.repeat_index
        order by observed.is_sight
    ) = 1

),

units as (

    select
        replay_id,
        frame_player_id,
        game_loop,
        not any_value(is_open) as is_fogged,
        list(struct_insert(unit, alliance := alliance) order by api_tag, repeat_index) as units

    from seen

    where not is_sight or not is_open

    group by replay_id, frame_player_id, game_loop

),

upgrades as (

    select
        frames.replay_id,
        frames.player_id,
        frames.game_loop,
        list(seen.upgrade_id order by seen.upgrade_id) as upgrade_ids,
        list(seen.upgrade order by seen.upgrade_id) as upgrades

    from staging.stg_player_snapshots as frames

    inner join staging.stg_upgrades_seen as seen
        on frames.replay_id = seen.replay_id
        and frames.player_id = seen.pass_player_id
        and frames.game_loop >= seen.game_loop

    group by frames.replay_id, frames.player_id, frames.game_loop

),

deaths as (

    select
        replay_id,
        pass_player_id as player_id,
        game_loop,
        list(coalesce(unit_tag, api_tag::bigint) order by death_index) as dead_units

    from raw.dead_units

    group by replay_id, pass_player_id, game_loop

)

select
    frames.replay_id,
    frames.player_id,
    frames.game_loop,
    game_seconds(frames.game_loop) as seconds,
    frames.sampled_for,
    units.is_fogged,
    frames.minerals,
    frames.vespene,
    frames.supply_used,
    frames.supply_cap,
    frames.supply_army,
    frames.worker_count,
    frames.idle_worker_count,
    frames.army_count,
    frames.minerals_per_minute,
    frames.vespene_per_minute,
    frames.camera_x,
    frames.camera_y,
    units.units,
    upgrades.upgrade_ids,
    upgrades.upgrades,
    deaths.dead_units

from staging.stg_player_snapshots as frames

left join units
    on frames.replay_id = units.replay_id
    and frames.player_id = units.frame_player_id
    and frames.game_loop = units.game_loop

left join upgrades
    on frames.replay_id = upgrades.replay_id
    and frames.player_id = upgrades.player_id
    and frames.game_loop = upgrades.game_loop

left join deaths
    on frames.replay_id = deaths.replay_id
    and frames.player_id = deaths.player_id
    and frames.game_loop = deaths.game_loop
