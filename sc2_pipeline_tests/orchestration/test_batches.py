"""Partitions that are batches of replays, as for collections past what one partition a replay can bear."""

import dataclasses
import shutil
from pathlib import Path

import dagster as dg
import pytest

from sc2_pipeline.cli.ui import dagster_environment
from sc2_pipeline.config import Home
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.manifest import read_only
from sc2_pipeline.orchestration.partitioning import BY_BATCH, BY_REPLAY, EXTRACTED, ByBatch, chosen_partitioning
from sc2_pipeline.orchestration.partitions import RANGE_END, RANGE_START
from sc2_pipeline.orchestration.replay_assets import RETRIED
from sc2_pipeline_tests.orchestration.conftest import failure
from sc2_pipeline_tests.pipeline.homes import query

pytestmark = pytest.mark.slow


@pytest.fixture
def by_twos(launchpad):
    """A launchpad over an empty home, where two replays are a batch."""
    return dataclasses.replace(launchpad, partitioning=ByBatch(size=2))


@pytest.fixture(scope="module")
def ingested(made_launchpad, folder):
    """Three batches, the bad file in the last, ingested in one run."""
    launchpad = dataclasses.replace(made_launchpad("batches"), partitioning=ByBatch(size=3))
    keys = launchpad.discover(folder)
    return launchpad, keys, launchpad.launch("ingest", keys=keys)


def _ends(keys):
    return [key.rpartition("-")[2] for key in keys]


def _told(launchpad, key):
    """What the latest event says of a partition: its kind and metadata."""
    of_key = dg.AssetRecordsFilter(EXTRACTED, asset_partitions=[key])
    made = launchpad.instance.fetch_materializations(of_key, limit=1).records
    seen = launchpad.instance.fetch_observations(of_key, limit=1).records
    latest = max([*made, *seen], key=lambda record: record.storage_id)
    event = latest.asset_materialization or latest.event_log_entry.asset_observation
    return {name: value.value for name, value in event.metadata.items()}


def test_exactly_the_batch_with_a_failure_is_red_and_its_good_replays_are_published_in_the_same_run(ingested):
    launchpad, keys, result = ingested
    statuses = launchpad.statuses()

    assert _ends(keys) == ["0001", "0002", "0003"]
    assert [statuses[key] for key in keys] == ["materialized", "materialized", "failed"]
    assert "1 of the run's replays failed" in failure(result)
    assert "bad.SC2Replay: the file does not begin with" in failure(result)
    assert query(launchpad.home, "select count(*) from marts.dim_replays") == [(6,)]


def test_a_red_batch_says_which_replays_failed_and_why_and_a_green_one_its_numbers(ingested):
    launchpad, [green, _, red], _ = ingested
    good, bad = _told(launchpad, green), _told(launchpad, red)

    assert (good["replays_ok"], good["replays_failed"], good["rows"] > 30) == (3, 0, True)
    assert (bad["replays_ok"], bad["replays_failed"], bad["replays_waiting"]) == (0, 1, 0)
    assert "not\\_an\\_archive: the file does not begin with" in bad["failures"]


def test_where_each_replay_of_a_batch_stands_is_in_ops(ingested):
    launchpad, keys, _ = ingested

    standing = query(launchpad.home, "select batch, status, count(*) from ops.replays group by all order by all")

    assert standing == [(keys[0], "loaded", 3), (keys[1], "loaded", 3), (keys[2], "failed", 1)]


def test_batches_are_run_again_without_being_done_again(ingested):
    launchpad, [first, second, _], _ = ingested
    before = query(launchpad.home, "select replay_id, loaded_at from ops.loads order by all")

    assert launchpad.launch("ingest", keys=[first, second]).success
    assert query(launchpad.home, "select replay_id, loaded_at from ops.loads order by all") == before
    assert query(launchpad.home, "select max(attempts) from ops.replays") == [(1,)]


def test_a_range_with_a_red_batch_amid_keeps_the_others_green_and_a_retry_turns_it_green_once_all_came_through(
    by_twos, folder, tmp_path
):
    own = shutil.copytree(folder, tmp_path / "own", ignore=shutil.ignore_patterns("bad*"))
    [first, amid, last] = by_twos.discover(own)
    [one, other] = _paths(by_twos, amid)
    for path in (one, other):
        path.rename(path.with_suffix(".away"))
    result = by_twos.launch_extraction([first, last])
    colours = [by_twos.statuses()]
    for path in (one, other):
        path.with_suffix(".away").rename(path)
        by_twos.materialize(RETRIED, retried_replays={"replays": [_id(by_twos, path)]})
        colours.append(by_twos.statuses())

    assert "2 of the run's replays failed" in failure(result)
    assert [[colour[key] for key in (first, amid, last)] for colour in colours] == [
        ["materialized", "failed", "materialized"],
        ["materialized", "failed", "materialized"],
        ["materialized", "materialized", "materialized"],
    ]


def test_a_batch_is_retried_by_its_name(by_twos, folder, tmp_path):
    own = shutil.copytree(folder, tmp_path / "own", ignore=shutil.ignore_patterns("[2-6b]*"))
    [key] = by_twos.discover(own)
    own.rename(tmp_path / "away")
    by_twos.launch_extraction([key])
    red = by_twos.statuses()
    (tmp_path / "away").rename(own)

    assert by_twos.materialize(RETRIED, retried_replays={"replays": [key]}).success
    assert (red, by_twos.statuses()) == ({key: "failed"}, {key: "materialized"})


def test_a_batch_that_holds_no_replay_fails_alone(by_twos, folder):
    lost = "2001-01-01-0001"
    by_twos.instance.add_dynamic_partitions(by_twos.partitioning.name, [lost])
    [_, key] = by_twos.discover(folder / "0.SC2Replay")

    result = by_twos.launch_extraction([lost, key])

    assert f"no file has the id {lost}; run the discover job over its folder, or drop the key" in failure(result)
    assert by_twos.statuses() == {lost: "failed", key: "materialized"}
    assert "no replay of this home is in the batch" in _told(by_twos, lost)["failures"]


def test_replays_that_come_later_make_a_batch_of_their_own_and_duplicates_none(by_twos, folder, tmp_path):
    drop = shutil.copytree(folder, tmp_path / "drop", ignore=shutil.ignore_patterns("[3-6b]*"))
    first = by_twos.tick("new_replays", drop)
    by_twos.launch_extraction(by_twos.keys())
    shutil.copy(folder / "5.SC2Replay", drop)
    shutil.copy(folder / "0.SC2Replay", drop / "0 again.SC2Replay")
    second = by_twos.tick("new_replays", drop, cursor=first.cursor)
    keys = by_twos.keys()

    assert [_range(request) for request in first.run_requests] == [(keys[0], keys[1])]
    assert [_range(request) for request in second.run_requests] == [(keys[2], keys[2])]
    assert by_twos.tick("new_replays", drop, cursor=second.cursor) == "no new replay"
    assert [_range(request) for request in by_twos.tick("partitions_never_run").run_requests] == [(keys[2], keys[2])]


def test_a_home_goes_from_replays_to_batches_and_back_with_nothing_done_again(launchpad, folder):
    replays = launchpad.discover(folder)
    launchpad.launch_extraction(replays)
    colours = launchpad.statuses()
    by_batch = dataclasses.replace(launchpad, partitioning=ByBatch(size=3))

    batches = by_batch.discover(folder)
    by_batch.launch_extraction(batches)
    launchpad.discover(folder)

    assert [by_batch.statuses()[key] for key in batches] == ["materialized", "materialized", "failed"]
    assert (launchpad.keys(), launchpad.statuses()) == (replays, colours)
    by_batch.launch("load_extracted")
    assert query(launchpad.home, "select max(attempts), count(batch) from ops.replays") == [(1, 7)]


def test_replays_that_the_filters_refuse_later_leave_their_batch_green(by_twos, folder):
    [key] = by_twos.discover(folder / "0.SC2Replay", folder / "1.SC2Replay")
    by_twos.discover(folder / "0.SC2Replay", filters="aiarena")

    (by_twos.home / "sc2_pipeline.toml").write_text('filters = "aiarena"\n')
    result = by_twos.launch_extraction([key])

    assert result.success
    assert by_twos.statuses() == {key: "materialized"}
    assert (_told(by_twos, key)["replays_ok"], _told(by_twos, key)["replays_rejected"]) == (0, 2)


@pytest.mark.parametrize(("word", "partitioning"), [(None, BY_REPLAY), ("replay", BY_REPLAY), ("batch", BY_BATCH)])
def test_the_environment_chooses_the_partitions(monkeypatch, word, partitioning):
    monkeypatch.delenv("SC2_PIPELINE_PARTITION_BY", raising=False)
    if word:
        monkeypatch.setenv("SC2_PIPELINE_PARTITION_BY", word)

    assert chosen_partitioning() == partitioning


def test_another_word_is_one_sentence(monkeypatch):
    monkeypatch.setenv("SC2_PIPELINE_PARTITION_BY", "week")

    with pytest.raises(SettingsError, match="partition_by is 'week'; give one of replay, batch"):
        chosen_partitioning()


def test_what_the_command_line_chooses_is_what_dagster_sees(tmp_path, monkeypatch):
    monkeypatch.setenv("SC2_PIPELINE_PARTITION_BY", "batch")

    assert dagster_environment(Home(tmp_path), [])["SC2_PIPELINE_PARTITION_BY"] == "batch"
    assert dagster_environment(Home(tmp_path), [], "replay")["SC2_PIPELINE_PARTITION_BY"] == "replay"
    with pytest.raises(SettingsError, match="partition_by is 'week'"):
        dagster_environment(Home(tmp_path), [], "week")


def _range(request):
    return request.tags[RANGE_START], request.tags[RANGE_END]


def _rows(launchpad, sql, *parameters):
    return read_only(launchpad.home / "manifest.sqlite", sql, parameters)


def _paths(launchpad, batch):
    return [Path(row["path"]) for row in _rows(launchpad, "select path from replays where batch = ?", batch)]


def _id(launchpad, path):
    [row] = _rows(launchpad, "select replay_id from replays where path = ?", str(path))
    return row["replay_id"]
