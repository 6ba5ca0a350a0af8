-- Grain: one row per map version.
with recursive

versions as (

    select
        map_version_key,
        row_number() over (order by min(first_played_at) nulls last, map_version_key) as seniority

    from intermediate.int_map_titles

    group by map_version_key

),

titles as (

    select titles.joining_title, versions.map_version_key, versions.seniority

    from intermediate.int_map_titles as titles

    inner join versions using (map_version_key)

    where titles.joining_title is not null

),

-- The versions of a title, each linked to the oldest of them.
oldest as (

    select joining_title, arg_min(map_version_key, seniority) as oldest_key from titles group by joining_title

),

links as (

    select titles.map_version_key, oldest.oldest_key as linked_key from titles inner join oldest using (joining_title)

    union

    select oldest.oldest_key, titles.map_version_key from titles inner join oldest using (joining_title)

),

-- Each version learns the oldest of all that it is linked to, however far.
families(map_version_key, seniority) using key (map_version_key) as (

    select map_version_key, seniority from versions

    union

    select links.linked_key, min(families.seniority)

    from families

    inner join links on families.map_version_key = links.map_version_key

    inner join recurring.families as known on links.linked_key = known.map_version_key

    where families.seniority < known.seniority

    group by links.linked_key

)

select families.map_version_key, oldest.map_version_key as map_key

from families

inner join versions as oldest on families.seniority = oldest.seniority
