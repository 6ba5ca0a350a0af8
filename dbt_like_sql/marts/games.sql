-- Grain: one row per game, of the replay that stands for it.
with

games as (

    select
        replays.*,
        lineups.* exclude (replay_id),
        replays.game_mode not in ('coop', 'arcade') as is_melee,
        replays.is_vs_ai or (replays.game_mode != 'coop' and coalesce(lineups.has_bots, false)) as has_ai,
        replays.duration_seconds < 60 as is_short

    from marts.dim_replays as replays

    left join intermediate.int_lineups as lineups using (replay_id)

    where replays.is_canonical

)

select
    games.game_key,
    games.replay_id,
    games.played_at,
    -- A moment's own cast to a date asks the session for its time zone.
    make_timestamp(epoch_us(games.played_at))::date as played_on,
    games.players,
    games.races,
    games.ratings,
    games.winner,
    games.loser,
    games.matchup,
    games.game_mode,
    games.is_vs_ai,
    games.is_resumed,
    games.map_key,
    games.map_name,
    games.map_version_key,
    games.game_version,
    regexp_extract(games.game_version, '^\d+\.\d+\.\d+') as patch,
    games.base_build,
    games.region,
    games.duration_game_loops,
    games.duration_seconds,
    games.duration_seconds / 60 as duration_minutes,
    games.file_name,
    games.recording_seconds,
    games.clock_speed,
    games.is_melee,
    games.has_ai,
    games.is_short,
    games.start_workers,
    list_avg(games.ratings) as mmr,
    case
        when not games.is_melee then 'mode'
        when games.has_ai then 'ai'
        when games.is_resumed then 'resumed'
        when games.is_short then 'short'
    end as left_out_by,
    concat_ws(
        ', ', strftime(make_timestamp(epoch_us(games.played_at)), '%Y-%m-%d'), games.map_name,
        array_to_string(if(games.game_mode = 'coop', games.players[:2], games.players), ' - ')
    ) as game

from games
