"""Packs in the folders that Dagster looks at."""

import pytest

from sc2_pipeline_tests.packs.zip_writer import game, pack_of

pytestmark = pytest.mark.slow

SECRET = "not to be found anywhere"


@pytest.fixture
def drop(tmp_path, monkeypatch):
    """A watched folder with two replays in a pack, which the environment has the password of, and half a pack."""
    monkeypatch.setenv("SC2_PIPELINE_PACK_PASSWORD", SECRET)
    folder = tmp_path / "drop"
    pack = pack_of(folder / "a.zip", {"x/0.SC2Replay": game(0), "1.SC2Replay": game(1)}, SECRET)
    (folder / "half.zip").write_bytes(pack.read_bytes()[:1_000])
    return folder


def test_discovery_finds_the_replays_in_packs_and_a_run_loads_them(launchpad, drop):
    keys = launchpad.discover(drop)

    assert len(keys) == 2
    assert launchpad.launch("ingest", keys=keys).success
    assert set(launchpad.statuses().values()) == {"materialized"}


def test_the_sensor_finds_them_once(launchpad, drop):
    first = launchpad.tick("new_replays", drop)

    assert len(launchpad.keys()) == 2
    assert len(first.run_requests) == 1
    assert launchpad.tick("new_replays", drop, cursor=first.cursor) == "no new replay"


def test_a_folder_of_unreadable_packs_ends_no_tick(launchpad, drop):
    (drop / "a.zip").unlink()

    assert launchpad.tick("new_replays", drop).run_requests == []
    assert launchpad.keys() == []
