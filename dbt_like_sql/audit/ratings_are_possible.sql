-- Looks at: players of all recordings
-- Explained in: definitions.md#measures
-- Holds: A rating or a number of actions is one that can be, or NULL.
-- Why: Lobbies of some clients have 0 or 2^31 for an unknown rating.
-- Reading: A finding is a defect of ours.
select
    replay_id,
    case
        when mmr not between 1 and 20000 then format('player {} has a rating of {}', player_id, mmr)
        when apm <= 0 then format('player {} has {} actions per minute', player_id, apm)
    end as finding,
    false as is_explained

from marts.fct_replay_players
