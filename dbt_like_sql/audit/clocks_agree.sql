-- Looks at: steps of build orders
-- Explained in: definitions.md
-- Holds: Seconds and clocks of a step are those of its game loop, at the speed that its game shows.
-- Why: Two clocks in one table differ by 1.4.
-- Reading: A finding is a defect of ours: a mart has seconds of another speed than its column says.
select
    replay_id,
    case
        when started_seconds is distinct from game_seconds(started_game_loop)
            or finished_seconds is distinct from game_seconds(finished_game_loop)
            then format('{} has other seconds than its game loop', item)
        when clock is distinct from clock(
            coalesce(started_game_loop, finished_game_loop, ended_game_loop), clock_speed = 'normal'
        )
            then format('{} shows {}, which is not its game loop at speed {}', item, clock, clock_speed)
    end as finding,
    false as is_explained

from marts.fct_build_orders
