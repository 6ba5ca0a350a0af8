-- Grain: one row per game of one against one (its canonical replay), player and economy sample.
select
    ours.replay_id,
    ours.player_id,
    ours.game_loop,
    ours.source,
    summaries.game_key,
    -- From the game alone: both players' files and both players' rows fall into one split, whatever else is added.
    -- The same words as an export's split by game with seed 0 and these shares, so that both divide alike.
    case
        when (('0x' || left(md5('0:' || summaries.game_key), 8))::ubigint / 4294967296.0) < 0.8 then 'train'
        when (('0x' || left(md5('0:' || summaries.game_key), 8))::ubigint / 4294967296.0) < 0.9 then 'validation'
        else 'test'
    end as split,
    summaries.is_winner as label_is_winner,
    summaries.matchup,
    summaries.race_actual,
    summaries.opponent_race_actual,
    summaries.mmr,
    ours.seconds,
    ours.minerals,
    ours.vespene,
    ours.minerals_per_minute,
    ours.vespene_per_minute,
    ours.worker_count,
    ours.supply_used,
    ours.supply_cap,
    ours.army_value,
    greatest(ours.minerals_lost_army + ours.vespene_lost_army, 0) as resources_lost_army,
    greatest(ours.minerals_lost_economy + ours.vespene_lost_economy, 0) as resources_lost_economy,
    theirs.minerals as opponent_minerals,
    theirs.vespene as opponent_vespene,
    theirs.minerals_per_minute as opponent_minerals_per_minute,
    theirs.vespene_per_minute as opponent_vespene_per_minute,
    theirs.worker_count as opponent_worker_count,
    theirs.supply_used as opponent_supply_used,
    theirs.supply_cap as opponent_supply_cap,
    theirs.army_value as opponent_army_value,
    greatest(theirs.minerals_lost_army + theirs.vespene_lost_army, 0) as opponent_resources_lost_army,
    greatest(theirs.minerals_lost_economy + theirs.vespene_lost_economy, 0) as opponent_resources_lost_economy

from marts.fct_economy_snapshots as ours

inner join marts.player_game_summary as summaries
    on ours.replay_id = summaries.replay_id and ours.player_id = summaries.player_id

inner join marts.fct_economy_snapshots as theirs
    on ours.replay_id = theirs.replay_id
    and summaries.opponent_player_id = theirs.player_id
    and ours.game_loop = theirs.game_loop

where summaries.game_mode = '1v1' and summaries.is_winner is not null
