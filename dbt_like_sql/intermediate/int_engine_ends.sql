-- Grain: one row per replay the game ran and unit that was gone before its end.
with

lasts as (

    select
        replay_id,
        unit_tag,
        max(game_loop) as last_game_loop,
        arg_max(player_id, game_loop) as player_id,
        arg_max(x, game_loop) as x,
        arg_max(y, game_loop) as y,
        arg_max(is_inside, game_loop) as is_inside

    from staging.stg_unit_changes

    where sight = 'last'

    group by replay_id, unit_tag

),

replay_ends as (

    select replay_id, max(last_game_loop) as ended_game_loop

    from lasts

    group by replay_id

),

told as (

    select replay_id, unit_tag, min(game_loop) as game_loop

    from raw.dead_units

    where unit_tag is not null

    group by replay_id, unit_tag

),

gone as (

    select
        lasts.*,
        coalesce(told.game_loop, lasts.last_game_loop) as game_loop,
        if(told.game_loop is null, 'vanished', 'dead_units') as died_known_by

    from lasts

    inner join replay_ends on lasts.replay_id = replay_ends.replay_id

    left join told
        on lasts.replay_id = told.replay_id and lasts.unit_tag = told.unit_tag
        and told.game_loop >= lasts.last_game_loop

    -- Who mines gas is out of sight for two seconds; neutral things are where nobody looks.
    where told.game_loop is not null
        or (
            lasts.last_game_loop < replay_ends.ended_game_loop - game_loops(5)
            and lasts.player_id > 0
            and not coalesce(lasts.is_inside, false)
        )

),

attacked as (

    select
        gone.replay_id,
        gone.unit_tag,
        arg_max(attackers.pass_player_id, attackers.game_loop) as player_id,
        arg_max(attackers.attacker_unit_tag, attackers.game_loop) as attacker_unit_tag

    from gone

    inner join raw.unit_attackers as attackers
        on gone.replay_id = attackers.replay_id and gone.unit_tag = attackers.unit_tag
        and gone.player_id != attackers.pass_player_id
        and gone.game_loop - attackers.game_loop <= game_loops(5)

    group by gone.replay_id, gone.unit_tag

)

select
    gone.replay_id,
    gone.unit_tag,
    gone.game_loop,
    gone.x,
    gone.y,
    gone.died_known_by,
    attacked.player_id as killer_player_id,
    attacked.attacker_unit_tag as killer_unit_tag

from gone

left join attacked on gone.replay_id = attacked.replay_id and gone.unit_tag = attacked.unit_tag
