"""Counts of units: stored as runs, shown sample by sample."""

import pytest

from sc2_pipeline.sql_models import read_tests
from sc2_pipeline_demo.synthetic import coop_game, ladder_game, team_game, write_replay
from sc2_pipeline_tests.marts.extracted import marts_of_files
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows

SAMPLE_BY_SAMPLE = """
select
    samples.replay_id,
    samples.source,
    samples.game_loop,
    samples.game_loop * 5 / 112 as seconds,
    changes.player_id,
    changes.unit_type,
    sum(changes.alive_change)::integer as alive_count,
    sum(changes.in_progress_change)::integer as in_progress_count,
    sum(changes.started_count)::integer as started_count,
    sum(changes.finished_count)::integer as finished_count,
    sum(changes.lost_count)::integer as lost_count,
    samples.game_loop // 1344 as game_minute
from intermediate.int_unit_count_changes as changes
inner join intermediate.int_sample_loops as samples
    on changes.replay_id = samples.replay_id and changes.game_loop <= samples.game_loop
where changes.unit_type not in (select unit_type from staging.stg_known_unit_types where category = 'dummy')
group by all
"""
"""The counts without runs: at every sample, all changes up to it."""


def game(**replay) -> Game:
    return Game(**replay).player(1, "terran").player(2, "zerg")


def differences(marts) -> tuple[int, int]:
    """Rows of the counts that the sums up to each sample lack, and the other way around."""
    counts = "select * from marts.fct_unit_counts"
    [more] = rows(marts, f"select count(*) from ({counts} except all ({SAMPLE_BY_SAMPLE}))")
    [fewer] = rows(marts, f"select count(*) from (({SAMPLE_BY_SAMPLE}) except all {counts})")
    return more[0], fewer[0]


def test_a_run_ends_where_a_count_changes_and_the_last_one_after_the_last_sample():
    trained = game().born(0, 1, "SCV").sample(1).sample(160).born(200, 2, "SCV").sample(320).sample(470)

    marts = marts_of(trained)

    assert rows(
        marts,
        "select from_game_loop, until_game_loop, alive_count, started_count from marts.fct_unit_count_runs order by all",
    ) == [(1, 320, 1, 1), (320, 471, 2, 2)]


def test_a_mode_that_comes_and_goes_begins_no_run():
    sieged = game().born(0, 1, "SiegeTank").sample(1).turned_into(100, 1, "SiegeTankSieged").sample(160)
    sieged.turned_into(200, 1, "SiegeTank").sample(320)

    marts = marts_of(sieged)

    assert rows(marts, "select from_game_loop, until_game_loop from marts.fct_unit_count_runs") == [(1, 321)]


def test_samples_that_are_missing_or_uneven_are_counted_as_they_are():
    gappy = game().born(0, 1, "Drone", 2).sample(1).sample(7, player_id=2).sample(640).died(700, 1, 1)
    # It passes through a type between two samples, so it never was any of that at a sample.
    gappy.sample(800).born(810, 2, "Larva", 2).turned_into(820, 2, "Egg").turned_into(830, 2, "Drone").sample(833)
    other = game(replay_id="b" * 16).born(5, 1, "Probe").sample(1).sample(160).sample(1344)

    marts = marts_of(gappy, other)

    assert rows(marts, "select game_loop, alive_count from marts.fct_unit_counts where unit_type = 'Egg'") == [(833, 0)]
    assert rows(
        marts,
        "select left(replay_id, 1), game_loop, alive_count, lost_count, game_minute from marts.fct_unit_counts"
        " where unit_type in ('Drone', 'Probe') order by all",
    ) == [
        *(("a", 1, 1, 0, 0), ("a", 7, 1, 0, 0), ("a", 640, 1, 0, 0), ("a", 800, 0, 1, 0), ("a", 833, 1, 1, 0)),
        *(("b", 160, 1, 0, 0), ("b", 1344, 1, 0, 1)),
    ]
    assert differences(marts) == (0, 0)


@pytest.mark.slow
def test_units_that_change_hands_after_the_last_sample_are_whose_they_were_at_it():
    given = (
        game()
        .born(0, 1, "Marine")
        .born(0, 2, "Marine", 0)
        .born(0, 3, "Marine")
        .sample(1)
        .owned_by(100, 3, 2)
        .sample(160)
    )
    given.owned_by(200, 1, 0)

    marts = marts_of(given)

    [test] = [test for test in read_tests() if test.name == "alive_counts_equal_units"]
    assert rows(marts, test.sql) == []
    assert rows(
        marts,
        "select player_id, alive_count from marts.fct_unit_counts where game_loop = 160 and alive_count > 0 order by all",
    ) == [(1, 1), (2, 1)]


def test_counts_of_made_up_games_are_the_sums_of_changes_up_to_each_sample(tmp_path):
    scripts = (ladder_game(1), ladder_game(7), team_game(3), coop_game(2))
    files = [write_replay(tmp_path / f"{number}.SC2Replay", script) for number, script in enumerate(scripts)]

    marts = marts_of_files(files)

    assert rows(marts, "select count(distinct replay_id) from marts.fct_unit_counts") == [(4,)]
    assert differences(marts) == (0, 0)


def test_counts_of_real_replays_are_the_sums_of_changes_up_to_each_sample(real_marts):
    [(runs, samples)] = rows(
        real_marts,
        "select (select count(*) from marts.fct_unit_count_runs), (select count(*) from marts.fct_unit_counts)",
    )

    assert differences(real_marts) == (0, 0)
    assert samples > 8 * runs > 600_000
