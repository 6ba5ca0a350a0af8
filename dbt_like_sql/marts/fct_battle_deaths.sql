-- Grain: one row per replay and unit that was lost in a battle.
with recursive

links as (

    select replay_id, box, linked_box from intermediate.int_box_links

    union all

    select replay_id, linked_box, box from intermediate.int_box_links

),

-- Single linkage: each box learns the lowest number among all that it is linked to, however far. In every round a box and
-- its cluster's own box take the lowest cluster that a neighbour's cluster is in, so that a chain takes as many rounds as
-- its length has digits, not as it has links.
clusters(replay_id, box, cluster) using key (replay_id, box) as (

    select distinct replay_id, box, box from intermediate.int_death_boxes

    union

    select known.replay_id, known.box, min(offers.cluster)

    from (
        select links.replay_id, unnest([links.box, mine.cluster]) as box, theirs.cluster

        from links

        inner join recurring.clusters as mine on links.replay_id = mine.replay_id and links.box = mine.box

        inner join recurring.clusters as neighbours
            on links.replay_id = neighbours.replay_id and links.linked_box = neighbours.box

        inner join recurring.clusters as theirs
            on links.replay_id = theirs.replay_id and neighbours.cluster = theirs.box

        where theirs.cluster < mine.cluster

        union all

        select mine.replay_id, mine.box, theirs.cluster

        from recurring.clusters as mine

        inner join recurring.clusters as theirs on mine.replay_id = theirs.replay_id and mine.cluster = theirs.box

        where theirs.cluster < mine.cluster
    ) as offers

    inner join recurring.clusters as known on offers.replay_id = known.replay_id and offers.box = known.box

    where offers.cluster < known.cluster

    group by known.replay_id, known.box

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
