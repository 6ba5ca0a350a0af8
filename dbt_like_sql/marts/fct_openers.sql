-- Grain: one row per replay, not resumed and of a melee mode, and player.
with

players as (

    select
        players.replay_id,
        players.player_id,
        players.source,
        players.race_actual,
        -- Only streams before 2.0.8 do not tell, and then games began with 6.
        coalesce(lineups.start_workers, 6) as start_workers

    from marts.fct_replay_players as players

    inner join intermediate.int_replays as replays using (replay_id)

    inner join intermediate.int_lineups as lineups using (replay_id)

    where replays.game_mode not in ('coop', 'arcade') and not replays.is_resumed

),

held as (

    select
        players.replay_id,
        players.player_id,
        rules.level,
        rules.name,
        rules.rank,
        bool_and(
            (
                items.game_loop is not null
                and items.game_loop <= coalesce(others.game_loop, items.game_loop)
                and items.game_loop <= coalesce(rules.by_game_loop, items.game_loop)
            ) != rules.is_negative
        ) as holds

    from players

    inner join raw.known_openers as rules
        on players.race_actual = race_name(rules.race) and players.start_workers = rules.start_workers

    left join intermediate.int_first_steps as items
        on players.replay_id = items.replay_id
        and players.player_id = items.player_id
        and rules.item = items.item
        and rules.nth = items.nth
        and rules.is_proxy = items.is_proxy

    left join intermediate.int_first_steps as others
        on players.replay_id = others.replay_id
        and players.player_id = others.player_id
        and rules.other_item = others.item
        and rules.other_nth = others.nth
        and not others.is_proxy

    group by players.replay_id, players.player_id, rules.level, rules.name, rules.rank

),

named as (

    select
        replay_id,
        player_id,
        arg_min(name, rank) filter (holds and level = 'opener') as opener,
        arg_min(name, rank) filter (holds and level = 'plan') as plan

    from held

    group by replay_id, player_id

)

select
    players.replay_id,
    players.player_id,
    players.source,
    players.race_actual,
    coalesce(named.opener, 'other') as opener,
    coalesce(named.plan, 'other') as plan

from players

left join named using (replay_id, player_id)
