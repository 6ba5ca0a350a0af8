-- Grain: one row per map version: the hash of a map file, or a title where replays carry no hash.
with

titles as (

    select families.map_key, titles.map_title, missions.name as mission, sum(titles.replay_count) as replay_count

    from intermediate.int_map_titles as titles

    inner join intermediate.int_map_families as families using (map_version_key)

    left join raw.known_coop_names as missions on missions.kind = 'mission' and titles.map_title = missions.name

    where titles.map_title is not null

    group by families.map_key, titles.map_title, missions.name

),

names as (

    select
        map_key,
        -- No replay says which language its titles are in: English is taken to be what needs no other letters.
        arg_min(map_title, (
            mission is null, not regexp_full_match(map_title, '[ -~’]*[A-Za-z][ -~’]*'), -replay_count, map_title
        )) as map_name

    from titles

    group by map_key

)

select
    versions.map_version_key,
    families.map_key,
    names.map_name,
    versions.map_hash,
    coalesce(list_sort(list(versions.map_title) filter (versions.map_title is not null)), []) as map_names_seen,
    bool_or(versions.is_blizzard_map) as is_blizzard_map,
    sum(versions.replay_count)::bigint as replay_count,
    min(versions.first_played_at) as first_played_at

from intermediate.int_map_titles as versions

inner join intermediate.int_map_families as families using (map_version_key)

left join names using (map_key)

group by versions.map_version_key, versions.map_hash, families.map_key, names.map_name
