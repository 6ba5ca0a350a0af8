import sqlite3
from contextlib import closing

import pytest

from sc2_pipeline.errors import HomeError
from sc2_pipeline.manifest import Extraction, Manifest, Verdict, read_only

FILE = {"path": "/a.SC2Replay", "replay_id": "aa", "sha256": "aa" * 32, "file_bytes": 5, "modified_ns": 7}


@pytest.fixture
def manifest(tmp_path):
    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        yield manifest


def test_a_file_seen_twice_is_one_replay_with_two_paths(manifest):
    manifest.record_files([FILE, {**FILE, "path": "/b.SC2Replay"}])

    [replay] = manifest.table("replays")

    assert (replay["status"], len(manifest.table("replay_files"))) == ("found", 2)


def test_a_path_with_other_bytes_points_at_the_new_replay(manifest):
    manifest.record_files([FILE])
    manifest.record_files([{**FILE, "replay_id": "bb", "sha256": "bb" * 32, "modified_ns": 8}])

    assert manifest.known_files(["/a.SC2Replay"]) == {"/a.SC2Replay": ("bb" * 32, 5, 8)}
    assert {row["replay_id"] for row in manifest.table("replays")} == {"aa", "bb"}


def test_a_file_that_can_be_read_at_last_leaves_no_placeholder(manifest):
    manifest.record_files([{**FILE, "replay_id": "path-id", "sha256": None, "file_bytes": None, "modified_ns": None}])
    manifest.record_files([FILE])

    assert [row["replay_id"] for row in manifest.table("replays")] == ["aa"]


def test_finding_a_loaded_replay_again_keeps_its_standing(manifest):
    manifest.record_files([FILE])
    manifest.record_verdicts([Verdict(replay_id="aa", status="loaded", stage="load")])
    manifest.record_files([FILE])

    assert manifest.loaded_replays() == {"aa"}


def test_a_try_that_never_comes_back_is_a_death(manifest):
    manifest.record_files([FILE])
    for _ in range(2):
        manifest.begin_attempts("run", source="tracker", settings="s", replay_ids=["aa"])
    last = manifest.last_attempts("tracker", "s", ["aa"])["aa"]

    assert (last["deaths"], manifest.table("replays")[0]["attempts"]) == (2, 2)


def test_an_ended_try_is_no_death(manifest):
    attempts = manifest.begin_attempts("run", source="tracker", settings="s", replay_ids=["aa"])
    manifest.end_attempts([(attempts["aa"], "extracted", None, False)])

    assert manifest.last_attempts("tracker", "s", ["aa"])["aa"]["deaths"] == 0


def test_the_last_extraction_is_the_current_one(manifest):
    manifest.record_files([FILE])
    for settings in ("old", "new"):
        manifest.record_extractions(
            [
                Extraction(
                    replay_id="aa",
                    source="tracker",
                    settings=settings,
                    folder=f"tracker/aa/aa.{settings}",
                    rows=1,
                    bytes=1,
                    seconds=0.1,
                    is_complete=True,
                )
            ]
        )

    assert [e.settings for e in manifest.current_extractions(["aa"])] == ["new"]


def test_rule_outcomes_are_those_of_the_last_filters(manifest):
    manifest.record_rule_outcomes("first", [("aa", "long_enough", False, "3 game loops", "at least 5 game loops")])
    manifest.record_rule_outcomes("second", [("aa", "short_enough", True, "3 game loops", "at most 5 game loops")])

    assert [(row["filters"], row["rule"]) for row in manifest.table("rule_outcomes")] == [("second", "short_enough")]


def _found(*replay_ids):
    return [{**FILE, "path": f"/{i}.SC2Replay", "replay_id": i, "sha256": i * 32} for i in replay_ids]


def test_a_batch_is_full_at_its_size_and_never_added_to(manifest):
    manifest.record_files(_found("aa", "bb", "cc", "dd"))

    first = manifest.put_in_batches(["cc", "aa", "bb"], day="2026-11-28", size=2)
    second = manifest.put_in_batches(["aa", "dd", "unknown"], day="2026-11-28", size=2)

    assert first == {"cc": "2026-11-28-0001", "aa": "2026-11-28-0001", "bb": "2026-11-28-0002"}
    assert second == {"aa": "2026-11-28-0001", "dd": "2026-11-28-0003"}
    assert manifest.replays_in_batches(["2026-11-28-0001", "no such"]) == {"2026-11-28-0001": ["aa", "cc"]}


def test_batches_are_numbered_by_the_day_past_four_digits_too(manifest):
    manifest.record_files(_found("aa", "bb", "cc"))
    with closing(sqlite3.connect(manifest.path)) as connection, connection:
        connection.execute("update replays set batch = '2026-11-28-10000' where replay_id = 'aa'")
    connection.close()

    assert manifest.put_in_batches(["bb"], day="2026-11-28", size=2) == {"bb": "2026-11-28-10001"}
    assert manifest.put_in_batches(["cc"], day="2026-11-29", size=2) == {"cc": "2026-11-29-0001"}


def test_a_manifest_from_before_there_were_batches_has_them_once_it_is_opened(tmp_path):
    path = tmp_path / "manifest.sqlite"
    with Manifest(path) as manifest:
        manifest.record_files([FILE])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("drop index replays_by_batch")
        connection.execute("alter table replays drop column batch")
        connection.execute("pragma user_version = 2")
    connection.close()

    with Manifest(path) as manifest:
        assert manifest.put_in_batches(["aa"], day="2026-11-28", size=2) == {"aa": "2026-11-28-0001"}


def test_a_manifest_of_a_later_version_is_refused_with_the_way_out(tmp_path):
    path = tmp_path / "manifest.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("pragma user_version = 99")
    connection.close()

    with pytest.raises(HomeError, match=r"later version.*upgrade"):
        Manifest(path)


def test_a_file_that_is_no_manifest_is_refused(tmp_path):
    path = tmp_path / "manifest.sqlite"
    path.write_bytes(b"not a database" * 100)

    with pytest.raises(HomeError, match="cannot be used"):
        Manifest(path)


def test_the_manifest_can_be_read_while_it_is_written(manifest):
    manifest.record_files([FILE])

    assert read_only(manifest.path, "select replay_id from replays") == [{"replay_id": "aa"}]


def test_reading_a_manifest_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(HomeError, match="run `sc2-pipeline run` first"):
        read_only(tmp_path / "none.sqlite", "select 1")
