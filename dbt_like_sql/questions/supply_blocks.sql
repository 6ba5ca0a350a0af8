-- Grain: one row per race and phase of the game.
with

phases as (

    select unnest([
        {'phase': '00-05 min', 'first_minute': 0, 'last_minute': 4},
        {'phase': '05-10 min', 'first_minute': 5, 'last_minute': 9},
        {'phase': '10+ min', 'first_minute': 10, 'last_minute': 100000}
    ], recursive := true)

),

-- A stream that is cut tells nothing of the phases after its end.
lasts as (

    select replay_id, player_id, max(game_loop) as last_game_loop

    from marts.fct_economy_snapshots

    group by replay_id, player_id

),

games as (

    select
        games.replay_id,
        games.player_id,
        games.race_actual,
        games.start_workers,
        phases.*,
        games.effective_supply_blocked_seconds is not null as is_known

    from asked_players as games

    inner join lasts using (replay_id, player_id)

    inner join phases
        on games.duration_seconds >= phases.first_minute * 60
        and lasts.last_game_loop >= sample_loop_at(phases.first_minute)

),

blocked as (

    select
        games.replay_id,
        games.player_id,
        games.race_actual,
        games.start_workers,
        games.phase,
        games.is_known,
        count(blocks.started_game_loop) as blocks,
        coalesce(sum(blocks.duration_seconds), 0) as seconds,
        coalesce(sum(blocks.duration_seconds) filter (effects.is_effective), 0) as effective_seconds

    from games

    left join marts.fct_supply_blocks as blocks
        on games.replay_id = blocks.replay_id
        and games.player_id = blocks.player_id
        and game_minute(blocks.started_game_loop) between games.first_minute and games.last_minute

    left join marts.fct_effective_supply_blocks as effects
        on blocks.replay_id = effects.replay_id
        and blocks.player_id = effects.player_id
        and blocks.started_game_loop = effects.started_game_loop

    group by all

)

select
    race_actual,
    start_workers,
    phase,
    round(avg(effective_seconds) filter (is_known), 1) as effective_seconds_per_game,
    count(*) filter (is_known) as player_games_known,
    count(*) as player_games,
    sum(blocks)::integer as blocks,
    round(avg(seconds), 1) as seconds_per_game

from blocked

group by race_actual, start_workers, phase

order by race_actual, start_workers, phase
