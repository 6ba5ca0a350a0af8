-- Grain: one row per matchup, race, dimension and value of it.
with

games as (

    select
        summaries.matchup,
        players.race_letter,
        summaries.is_winner,
        summaries.opponent_race_actual = summaries.race_actual as is_mirror,
        [
            {'dimension': 'all', 'value': 'all'},
            {'dimension': 'map', 'value': summaries.map_name},
            {'dimension': 'patch', 'value': replays.patch},
            {'dimension': 'length', 'value': case
                when summaries.duration_seconds < 300 then '00-05 min'
                when summaries.duration_seconds < 600 then '05-10 min'
                when summaries.duration_seconds < 900 then '10-15 min'
                when summaries.duration_seconds < 1200 then '15-20 min'
                else '20+ min'
            end},
            {'dimension': 'mmr_band', 'value': coalesce(
                format('{:04d}-{:04d}', summaries.mmr // 500 * 500, summaries.mmr // 500 * 500 + 499), 'unknown'
            )}
        ] as cuts

    from marts.player_game_summary as summaries

    inner join marts.games as replays using (replay_id)

    inner join marts.fct_replay_players as players using (replay_id, player_id)

    where summaries.game_mode = '1v1'
        and replays.left_out_by is null
        and summaries.matchup is not null
        and summaries.is_winner is not null
        and summaries.opponent_player_id is not null

),

cut as (

    select matchup, race_letter, is_winner, is_mirror, unnest(cuts, recursive := true) from games

),

counts as (

    select
        matchup,
        race_letter as race,
        dimension,
        coalesce(value, 'unknown') as value,
        any_value(is_mirror) as is_mirror,
        count(*) as player_games,
        count(*) filter (is_winner) as wins,
        count(*) filter (is_winner) / count(*) as win_rate

    from cut

    group by matchup, race_letter, dimension, coalesce(value, 'unknown')

)

select
    matchup,
    race,
    dimension,
    value,
    is_mirror,
    player_games,
    wins,
    win_rate,
    -- A mirror's two players are one observation.
    if(is_mirror, null, greatest(0, wilson_low(wins, player_games))) as win_rate_low,
    if(is_mirror, null, least(1, wilson_high(wins, player_games))) as win_rate_high

from counts
