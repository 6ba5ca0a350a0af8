-- Looks at: recordings
-- Explained in: truth.md#what-was-played-and-by-whom
-- Holds: The mode of a game is known by what every player begins with.
-- Why: What is no melee, or not what it is called, moves every answer about melee.
-- Reading: Explained: the lobby's teams alone tell it, because the stream's beginning is not readable; or the sides are uneven, and the
--   mode is `other`. Else a mode is known by nothing, or has other sides than its name says.
with

sides as (

    select replay_id, list_sort(list(people)) as people

    from (select replay_id, side, count(*) as people from marts.fct_replay_players group by replay_id, side)

    group by replay_id

),

modes as (

    select
        replays.*,
        sides.people,
        regexp_full_match(replays.game_mode, '\d+v\d+')
        and array_to_string(sides.people, 'v') is distinct from replays.game_mode as has_other_sides

    from marts.dim_replays as replays

    left join sides using (replay_id)

)

select
    replay_id,
    case
        when game_mode_known_by is null then format('{} is known by nothing', game_mode)
        when has_other_sides then format('{} has sides of {}', game_mode, array_to_string(people, ' and '))
        when game_mode_known_by = 'teams' then format('{} is known by the teams alone', game_mode)
        when game_mode = 'other' then format('sides of {}', array_to_string(people, ' and '))
    end as finding,
    game_mode_known_by is not null and not has_other_sides as is_explained

from modes
