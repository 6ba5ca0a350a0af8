import os
import shutil

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.stages import chosen_replays, extract_replays, find_replays, judge_replays, real_path
from sc2_pipeline.pipeline.warehouse_stages import load_replays, publish_warehouse, refresh_models, waiting_replays
from sc2_pipeline.steps.discover import shown_path
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import answers, query

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", workers=1)


@pytest.fixture
def extracted(settings, tmp_path):
    """Three replays, found, judged and extracted."""
    for number in range(3):
        write_replay(tmp_path / "in" / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400))
    judged = judge_replays(settings, find_replays(settings, [tmp_path / "in"]).replay_ids)
    return [outcome.replay_id for outcome in extract_replays(settings, judged.accepted)]


def test_stages_one_by_one_give_what_a_run_gives(synthetic_folder, synthetic_home, settings):
    found = find_replays(settings, [synthetic_folder])
    outcomes = list(extract_replays(settings, judge_replays(settings).accepted))
    report = load_replays(settings)
    publish_warehouse(settings)

    assert len(found.replay_ids) == len(outcomes) == len(report.loaded) == 24
    assert answers(settings.home) == answers(synthetic_home)


def test_extraction_is_reported_as_it_goes_and_stops_where_the_caller_stops(settings, synthetic_folder):
    find_replays(settings, [synthetic_folder])
    outcomes = extract_replays(settings, judge_replays(settings).accepted)
    first = next(outcomes)
    outcomes.close()

    assert first.status == "extracted"
    assert 0 < len(waiting_replays(settings)) < 24
    assert len(list(extract_replays(settings, judge_replays(settings).accepted))) == 24


def test_publishing_twice_publishes_once(settings, extracted):
    load_replays(settings)

    assert publish_warehouse(settings) is not None
    assert publish_warehouse(settings) is None


def test_a_rebuilt_model_is_published(settings, extracted):
    load_replays(settings)
    publish_warehouse(settings)

    assert refresh_models(settings, whole=["marts.dim_maps"]).rebuilt == ("marts.dim_maps",)
    assert publish_warehouse(settings) is not None


def test_what_became_of_every_replay_is_published_though_other_stages_did_it(settings, extracted, tmp_path):
    load_replays(settings)
    (tmp_path / "in" / "bad.SC2Replay").write_bytes(b"no replay")
    judge_replays(settings, find_replays(settings, [tmp_path / "in"]).replay_ids)

    publish_warehouse(settings)

    counts = query(settings.home, "select status, count(*) from ops.replays group by all order by all")
    assert counts == [("failed", 1), ("loaded", 3)]


def test_a_lake_folder_that_is_gone_is_extracted_again(settings, extracted):
    shutil.rmtree(settings.home / "lake")
    nothing = load_replays(settings)
    again = list(extract_replays(settings, chosen_replays(settings, ["missing"])))

    assert nothing.loaded == ()
    assert sorted(outcome.replay_id for outcome in again) == sorted(extracted)
    assert load_replays(settings).loaded == tuple(sorted(extracted))


def test_what_failed_for_good_is_tried_again_only_when_asked(settings, extracted, tmp_path):
    path = write_replay(tmp_path / "in" / "9.SC2Replay", ladder_game(9, game_loops=1_400))
    [replay_id] = judge_replays(settings, find_replays(settings, [path]).replay_ids).accepted
    path.rename(path.with_suffix(".away"))
    [gone] = extract_replays(settings, [replay_id])
    path.with_suffix(".away").rename(path)

    [kept] = extract_replays(settings, [replay_id])
    [tried] = extract_replays(settings, chosen_replays(settings, ["failed"]), tries_again=True)

    assert (gone.reason, kept.reason, tried.status) == ("vanished_file", "vanished_file", "extracted")


def test_ids_are_taken_once_in_the_order_given(settings, extracted):
    assert chosen_replays(settings, ["0" * 16, "failed", "0" * 16]) == ["0" * 16]


def test_an_unknown_word_is_refused(settings, extracted):
    with pytest.raises(SettingsError, match="no replay is called 'FAILED'"):
        chosen_replays(settings, ["FAILED"])


def test_a_path_that_is_no_utf_8_is_found_again(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.SC2Replay")
    try:
        path.write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")

    assert real_path(shown_path(path)) == path


def test_an_id_is_found_by_its_status(settings, extracted):
    with Manifest(settings.home / "manifest.sqlite") as manifest:
        assert sorted(manifest.replay_ids("extracted")) == sorted(extracted)
        assert manifest.replay_ids("failed") == []
        assert len(manifest.replay_ids()) == 3
