-- Looks at: recordings
-- Explained in: truth.md#who-won
-- Holds: At its load a replay's rows broke no test of the marts.
-- Why: A broken test costs no replay, so it must be seen elsewhere.
-- Reading: Explained: two sides have won, or the workers are not those that the game counts, as on arcade maps and in cut streams. Else
--   our marts are wrong for that replay: report the test's name.
select
    replays.replay_id,
    if(failures.replay_id is not null, format('{}: {}', failures.test_name, failures.detail), null) as finding,
    failures.test_name in ('one_side_wins', 'worker_counts_agree_with_the_game') as is_explained

from marts.dim_replays as replays

left join ops.mart_test_failures as failures on replays.replay_id = failures.replay_id
