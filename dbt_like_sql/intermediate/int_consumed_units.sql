-- Grain: one row per replay and unit that was spent to make another: a drone, a templar.
-- The stream ends such a unit when what it became is finished (one game loop before or at its own death), at the
-- same place but for a few cells; in the game it is gone when that is begun, and observations show it then.
with

spent as (

    select replay_id, unit_tag, source, last_player_id, finished_game_loop, died_game_loop, death_x, death_y

    from intermediate.int_unit_lifetimes

    where died_game_loop is not null
        and killer_player_id is null
        and regexp_matches(last_unit_type, '^(Drone|HighTemplar|DarkTemplar)')

),

built as (

    select replay_id, unit_tag, last_player_id, init_game_loop, finished_game_loop, birth_x, birth_y

    from intermediate.int_unit_lifetimes

    where init_game_loop is not null and finished_game_loop is not null

),

matches as (

    select
        spent.replay_id,
        spent.unit_tag,
        built.unit_tag as became_unit_tag,
        built.init_game_loop as consumed_game_loop,
        abs(built.birth_x - spent.death_x) + abs(built.birth_y - spent.death_y) as distance

    from spent

    inner join built
        on spent.replay_id = built.replay_id
        and spent.last_player_id = built.last_player_id
        and spent.finished_game_loop <= built.init_game_loop
        and (
            spent.died_game_loop - built.finished_game_loop in (0, 1)
            or (
                spent.source = 'sc2'
                and least(
                    abs(spent.died_game_loop - built.finished_game_loop),
                    abs(spent.died_game_loop - built.init_game_loop)
                ) <= 64
            )
        )
        and abs(built.birth_x - spent.death_x) <= 4
        and abs(built.birth_y - spent.death_y) <= 4

)

select
    replay_id,
    unit_tag,
    arg_min(became_unit_tag, (distance, became_unit_tag)) as became_unit_tag,
    arg_min(consumed_game_loop, (distance, became_unit_tag)) as consumed_game_loop

from matches

group by replay_id, unit_tag
