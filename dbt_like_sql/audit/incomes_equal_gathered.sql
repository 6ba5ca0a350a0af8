-- Looks at: eras of the collection rate, and builds, with at least 4 players each
-- Explained in: definitions.md#measures
-- Holds: Over the first five minutes of melee, minerals_per_minute adds up to the minerals that players gathered: in the median of an
--   era to 3%, where 30 players tell it, else and in that of a build to 8%.
-- Why: The client counts its minute in other game loops before 3.2 and in co-op. Unconverted, incomes jump 1.4 times at a patch.
-- Reading: A finding is a build or an era whose rates are not converted, or not to the right minute. Gathered is what is in the bank,
--   tied up, in progress and lost; later in a game what was sacrificed is in none of these, so five minutes are compared.
with

samples as (

    select
        samples.replay_id,
        samples.player_id,
        samples.game_loop,
        replays.base_build,
        rules.collection_rate_game_loops,
        samples.minerals_per_minute,
        lag(samples.minerals_per_minute) over player as last_minerals_per_minute,
        samples.game_loop - lag(samples.game_loop) over player as step_game_loops,
        samples.minerals
        + samples.minerals_used_current_army + samples.minerals_used_current_economy + samples.minerals_used_current_technology
        + samples.minerals_used_in_progress_army + samples.minerals_used_in_progress_economy
        + samples.minerals_used_in_progress_technology
        + samples.minerals_lost_army + samples.minerals_lost_economy + samples.minerals_lost_technology as minerals_seen

    from marts.fct_economy_snapshots as samples

    inner join marts.dim_replays as replays on samples.replay_id = replays.replay_id

    inner join intermediate.int_replay_rules as rules on samples.replay_id = rules.replay_id

    where samples.game_loop <= game_loop_at(5)
        and samples.source = 'tracker'
        and replays.is_canonical
        and not replays.is_resumed
        and replays.game_mode != 'arcade'

    window player as (partition by samples.replay_id, samples.player_id order by samples.game_loop)

),

players as (

    select
        replay_id,
        base_build,
        collection_rate_game_loops,
        arg_max(minerals_seen, game_loop) - arg_min(minerals_seen, game_loop) as gathered,
        sum((minerals_per_minute + last_minerals_per_minute) / 2 * step_game_loops) / game_loops(60) as added_up

    from samples

    group by replay_id, player_id, base_build, collection_rate_game_loops

),

compared as (

    select
        min(replay_id) as replay_id,
        base_build,
        collection_rate_game_loops,
        count(*) as player_count,
        median(added_up / gathered) as share,
        if(base_build is null and player_count >= 30, 0.03, 0.08) as tolerance

    from players

    -- Who gathered less was in no game, or left at once.
    where gathered > 2000

    group by grouping sets ((collection_rate_game_loops), (collection_rate_game_loops, base_build))

    having count(*) >= 4

)

select
    replay_id,
    if(
        abs(share - 1) > tolerance,
        format(
            'incomes of {} players of {} (rate per {} game loops) add up to {:.3f} of what they gathered',
            player_count, coalesce('base build ' || base_build, 'all builds'), collection_rate_game_loops::integer, share
        ),
        null
    ) as finding,
    false as is_explained

from compared
