-- Looks at: recordings
-- Explained in: bad_input.md
-- Holds: A recording's tracker stream is readable to its end.
-- Why: What comes after a fault in a stream is missing, though the game went on.
-- Reading: All are explained: the file is damaged, or cut. Its events up to the fault count.
select
    replay_id,
    if(not coalesce(tracker_complete, true), format('{}', tracker_fault), null) as finding,
    true as is_explained

from marts.dim_replays
