-- Severity: error
-- Every player of a canonical replay has one summary, and nobody else has any.
select
    coalesce(players.replay_id, summaries.replay_id) as replay_id,
    coalesce(players.player_id, summaries.player_id) as player_id

from (
    select fct_replay_players.replay_id, fct_replay_players.player_id

    from marts.fct_replay_players

    inner join intermediate.int_replays using (replay_id)

    where int_replays.is_canonical
) as players

full outer join intermediate.int_player_games as summaries
    on players.replay_id = summaries.replay_id and players.player_id = summaries.player_id

where players.player_id is null or summaries.player_id is null
