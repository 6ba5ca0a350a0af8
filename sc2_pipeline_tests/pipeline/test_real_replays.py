"""The main job on the 147 real replays: what loads, what does not and why, and what other filters leave."""

import shutil
from collections import Counter

import pytest

from sc2_pipeline.manifest import Manifest
from sc2_pipeline_tests.pipeline.homes import query, run_home

pytestmark = pytest.mark.slow

NOT_LOADED = {
    "oldreplay.SC2Replay": "no_tracker_stream",
    "11.SC2Replay": "no_tracker_stream",
    "4.SC2Replay": "no_tracker_stream",
    "1~8.SC2Replay": "no_tracker_stream",
    "test.SC2Replay": "no_tracker_stream",
    "ffd95a7de213d9fa6965ae049adc5e317cc4cc3cbed283c98b9a6f2ddd3bcbef.SC2Replay": "no_tracker_stream",
    "Akilon Flats.SC2Replay": "corrupt_archive",
    "testError2.SC2Replay": "empty_archive",
}


@pytest.fixture(scope="module")
def home(real_run, tmp_path_factory):
    """A copy of the home of all real replays."""
    return shutil.copytree(real_run.home, tmp_path_factory.mktemp("real") / "home")


def _attempts(home):
    with Manifest(home / "manifest.sqlite") as manifest:
        return len(manifest.table("attempts"))


def test_139_load_and_each_other_has_its_own_reason(real_run, home):
    expected = {"files": 147, "found": 147, "duplicates": 0, "loaded": 139, "pending": 0}
    assert {name: real_run.counts[name] for name in expected} == expected
    reasons = query(home, "select parse_filename(path), reason, detail from ops.replays where reason is not null")

    assert {name: reason for name, reason, _ in reasons} == NOT_LOADED
    assert all(detail for _, _, detail in reasons)


def test_the_corrupt_stream_keeps_its_prefix_and_says_so(home):
    [(is_complete, fault, events)] = query(
        home,
        "select tracker_complete, tracker_fault, tracker_event_count from marts.dim_replays"
        " where file_name = 'testError.SC2Replay'",
    )

    assert (is_complete, events) == (False, 6953)
    assert fault


def test_a_second_run_loads_nothing(shared_replays, home):
    again = run_home([shared_replays], home, workers=2, filters="all")

    assert (again.loaded, again.already_loaded) == (0, 139)


def test_every_kind_of_game_is_told(home):
    modes = Counter(dict(query(home, "select game_mode, count(*) from marts.dim_replays group by all")))

    assert (modes["coop"], modes["archon"], modes["4v4"]) == (3, 3, 1)
    assert query(home, "select count(*) from marts.dim_replays where is_coop and is_vs_ai") == [(0,)]


def test_replays_made_through_the_api_load(home):
    api_made = query(home, "select count(*) from raw.replays where map_hash is null and tracker_complete")

    assert api_made[0][0] >= 10


def test_other_filters_leave_exactly_what_passes_and_extract_nothing(shared_replays, home):
    attempts = _attempts(home)

    for filters, judged_by in (("standard", "wanted_game_mode"), ("pysc2", "mmr_high_enough")):
        fewer = run_home([shared_replays], home, workers=2, filters=filters)
        passing = query(
            home,
            "select replay_id from ops.replays where sha256 is not null and status != 'failed' and replay_id not in"
            " (select replay_id from ops.rule_outcomes where not passed)",
        )
        loaded = query(home, "select replay_id from marts.dim_replays")
        assert sorted(loaded) == sorted(passing)
        assert len(loaded) == fewer.loaded + fewer.already_loaded < 139
        assert judged_by in fewer.rejected_by_reason
    back = run_home([shared_replays], home, workers=2, filters="all")

    assert back.loaded + back.already_loaded == 139
    assert _attempts(home) == attempts
