-- Grain: one row per replay and unit that was lost.
with

losses as (

    select lives.*

    from intermediate.int_unit_lifetimes as lives

    inner join intermediate.int_unit_ends as ends
        on lives.replay_id = ends.replay_id and lives.unit_tag = ends.unit_tag

    where ends.is_loss

),

names as (

    select replay_id, unit_tag, event_index, unit_type

    from intermediate.int_unit_events

    where unit_type is not null

),

-- The killer's type as it was then: a tank in siege mode is a SiegeTankSieged.
killers as (

    select losses.replay_id, losses.unit_tag, names.unit_type as killer_unit_type

    from losses

    asof inner join names
        on losses.replay_id = names.replay_id
        and losses.killer_unit_tag = names.unit_tag
        and losses.died_event_index >= names.event_index

)

select
    losses.replay_id,
    losses.unit_tag,
    losses.source,
    losses.died_game_loop as game_loop,
    losses.last_player_id as player_id,
    losses.last_unit_type as unit_type,
    losses.finished_game_loop is null as is_unfinished,
    losses.death_x as x,
    losses.death_y as y,
    losses.killer_player_id,
    losses.killer_unit_tag,
    killers.killer_unit_type,
    case
        when losses.killer_player_id is null then 'unknown'
        when losses.killer_player_id = losses.last_player_id then 'own'
        when losses.killer_player_id = 0 then 'neutral'
        when victims.side = slayers.side then 'ally'
        else 'enemy'
    end as killer_side

from losses

left join killers
    on losses.replay_id = killers.replay_id and losses.unit_tag = killers.unit_tag

left join marts.fct_replay_players as victims
    on losses.replay_id = victims.replay_id and losses.last_player_id = victims.player_id

left join marts.fct_replay_players as slayers
    on losses.replay_id = slayers.replay_id and losses.killer_player_id = slayers.player_id
