-- Grain: one row per replay and unit that was lost in a battle.
with recursive

links as (

    select replay_id, box, linked_box from intermediate.int_box_links

    union all

    select replay_id, linked_box, box from intermediate.int_box_links

),

-- Single linkage: each box learns the lowest number among all that it is linked to, however far.
clusters(replay_id, box, cluster) using key (replay_id, box) as (

    select distinct replay_id, box, box from intermediate.int_death_boxes

    union

    select links.replay_id, links.linked_box, min(clusters.cluster)

    from clusters

    inner join links on clusters.replay_id = links.replay_id and clusters.box = links.box

    inner join recurring.clusters as known on links.replay_id = known.replay_id and links.linked_box = known.box

    where clusters.cluster < known.cluster

    group by links.replay_id, links.linked_box

),

deaths as (

    select
        deaths.*,
        clusters.cluster,
        min(deaths.game_loop) over fight as first_game_loop,
        min(deaths.unit_tag) over fight as first_unit_tag,
        -- Splash on one's own and structures that burn down belong to a fight, but make none.
        bool_or(deaths.killer_side in ('enemy', 'unknown')) over fight as is_fight

    from intermediate.int_death_boxes as deaths

    inner join clusters on deaths.replay_id = clusters.replay_id and deaths.box = clusters.box

    window fight as (partition by deaths.replay_id, clusters.cluster)

)

select
    replay_id,
    unit_tag,
    dense_rank() over (
        partition by replay_id order by first_game_loop, first_unit_tag, cluster
    )::integer as battle_number

from deaths

where is_fight
