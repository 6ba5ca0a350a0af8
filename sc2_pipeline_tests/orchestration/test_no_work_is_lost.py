"""Whatever way a replay comes, by whatever way it came before with another source or settings: it reaches the marts."""

import os
import shutil

import dagster as dg
import pytest

from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.orchestration.conftest import Launchpad, failure
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program"),
]

BASE_BUILD = 92440
GAME = {"source": "sc2", "step_mul": 160}


def by_run(launchpad, folder, settings):
    run_home([folder], launchpad.home, **settings)


def by_ingest(launchpad, folder, settings):
    assert launchpad.launch("ingest", keys=launchpad.discover(folder, **settings), **settings).success


def by_backfill_and_load(launchpad, folder, settings):
    assert launchpad.launch_extraction(launchpad.discover(folder, **settings), **settings).success
    assert launchpad.launch("load_extracted").success


def by_backfill_and_sensor(launchpad, folder, settings):
    assert launchpad.launch_extraction(launchpad.discover(folder, **settings), **settings).success
    requested = launchpad.tick("extracted_and_not_loaded")
    assert not isinstance(requested, str), requested
    [request] = requested.run_requests
    assert launchpad.launch("load_extracted", **request.run_config).success


def by_retry(launchpad, folder, settings):
    ids = launchpad.discover(folder, **settings)
    assert launchpad.launch("retry_replays", ops={"retried_replays": {"replays": ids}}, **settings).success


WAYS = (by_run, by_ingest, by_backfill_and_load, by_backfill_and_sensor, by_retry)

CHANGES = {
    "tracker_then_game": ({}, GAME),
    "other_step_mul": (GAME, {**GAME, "step_mul": 200}),
    "commands_leave": ({}, {"commands": False}),
    "commands_come": ({"commands": False}, {}),
}

# Whoever asks for the load of a backfill, the sensor or a person, it leaves the same: as the first of two they are one way.
CHANGE_AFTER = dict(zip((by_run, by_ingest, by_backfill_and_load, by_retry), CHANGES, strict=True))
PAIRS = [(first, second, change) for first, change in CHANGE_AFTER.items() for second in WAYS]


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A folder with a short replay, where a stand-in of the game is installed."""
    folder = tmp_path_factory.mktemp("played")
    write_replay(folder / "in" / "1.SC2Replay", ladder_game(1, game_loops=1_400, base_build=BASE_BUILD))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SC2PATH", str(stand_in.install(folder / "StarCraftII", [BASE_BUILD])))
        yield folder / "in"


@pytest.fixture(scope="module")
def made(tmp_path_factory, played):
    """Homes made once each: by a way with settings."""
    homes = {}

    def home(way, settings):
        key = (way.__name__, *sorted(settings.items()))
        if key not in homes:
            homes[key] = tmp_path_factory.mktemp(way.__name__) / "home"
            with dg.DagsterInstance.ephemeral() as instance:
                way(Launchpad(home=homes[key], instance=instance), played, settings)
        return homes[key]

    return home


@pytest.fixture(scope="module")
def expected(made):
    """What a new home answers that was run with those settings."""
    told = {}

    def answers_of(settings):
        key = tuple(sorted(settings.items()))
        if key not in told:
            told[key] = answers(made(by_run, settings))
        return told[key]

    return answers_of


@pytest.mark.parametrize(("first", "second", "change"), PAIRS)
def test_by_any_way_after_any_other_the_warehouse_is_that_of_a_new_home(
    launchpad, made, played, expected, first, second, change
):
    before, after = CHANGES[change]
    shutil.copytree(made(first, before), launchpad.home)

    second(launchpad, played, after)

    assert answers(launchpad.home) == expected(after)
    assert query(launchpad.home, "select distinct status from ops.replays") == [("loaded",)]
    assert launchpad.tick("extracted_and_not_loaded") == "whatever is extracted is loaded"


def test_a_replay_that_fails_with_other_settings_keeps_its_rows_and_the_others_are_published(
    launchpad, played, tmp_path
):
    own = shutil.copytree(played, tmp_path / "own")
    by_run(launchpad, own, {})
    before = query(launchpad.home, "select * from raw.unit_events order by all")
    write_replay(own / "2.SC2Replay", ladder_game(2, game_loops=1_400))
    keys = launchpad.discover(own, commands=False)
    (own / "1.SC2Replay").unlink()

    result = launchpad.launch("ingest", keys=keys, commands=False)

    assert "1.SC2Replay was there at discovery and is gone" in failure(result)
    statuses = "select file_name, status from ops.replays join raw.replays using (replay_id) order by all"
    assert query(launchpad.home, statuses) == [("1.SC2Replay", "failed"), ("2.SC2Replay", "loaded")]
    assert set(before) < set(query(launchpad.home, "select * from raw.unit_events"))


def test_what_the_game_saw_stays_when_the_tracker_alone_comes_after_it(launchpad, made, played):
    shutil.copytree(made(by_run, GAME), launchpad.home)

    by_ingest(launchpad, played, {"commands": False})

    assert query(launchpad.home, "select distinct part from ops.loads order by all") == [("observation",), ("streams",)]
    assert query(launchpad.home, "select count(*) > 0 from raw.unit_snapshots") == [(True,)]
