import sqlite3
from contextlib import closing

import pytest

from sc2_pipeline.errors import HomeError
from sc2_pipeline.manifest import Extraction, Manifest, Verdict, WrittenWarehouse, read_only, written_warehouse

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


def test_a_try_that_went_with_its_whole_run_is_no_death(manifest):
    manifest.record_files([FILE])
    for run in ("dead", "dead too"):
        manifest.begin_attempts(
            run, source="tracker", settings_digest="s", replay_ids=["aa"], is_alone=run == "dead too"
        )
    manifest.begin_attempts("living", source="tracker", settings_digest="s", replay_ids=["aa"])
    manifest.end_attempts_of_dead_runs("living", ["aa"])
    last = manifest.last_attempts("tracker", "s", ["aa"])["aa"]

    assert [row["outcome"] for row in manifest.table("attempts")] == ["run_died", "run_died", None]
    assert (last["deaths"], last["lone_run_deaths"], last["process_deaths"]) == (0, 1, 2)
    assert manifest.table("replays")[0]["attempts"] == 3


def test_a_forgiven_try_no_longer_counts_and_is_not_forgotten(manifest):
    [attempt] = manifest.begin_attempts("run", source="tracker", settings_digest="s", replay_ids=["aa"]).values()
    manifest.end_attempts([(attempt, "killed_workers", "died", True)])
    manifest.forgive_attempts("tracker", "s", ["aa"])
    last = manifest.last_attempts("tracker", "s", ["aa"])["aa"]

    assert (last["deaths"], last["process_deaths"], last["is_forgiven"]) == (0, 1, 1)
    assert [row["outcome"] for row in manifest.table("attempts")] == ["killed_workers"]


def test_under_other_limits_tries_count_anew_and_what_killed_a_process_is_remembered(manifest):
    [attempt] = manifest.begin_attempts("run", source="tracker", settings_digest="s@low", replay_ids=["aa"]).values()
    manifest.end_attempts([(attempt, "killed_workers", "died", True)])

    same, other = (manifest.last_attempts("tracker", settings, ["aa"])["aa"] for settings in ("s@low", "s@high"))

    assert (same["deaths"], same["process_deaths"], same["is_forgiven"]) == (1, 1, 0)
    assert (other["deaths"], other["process_deaths"], other["is_forgiven"]) == (0, 1, True)
    assert manifest.last_attempts("tracker", "t@low", ["aa"]) == {}


def test_an_ended_try_is_no_death(manifest):
    attempts = manifest.begin_attempts("run", source="tracker", settings_digest="s", replay_ids=["aa"])
    manifest.end_attempts([(attempts["aa"], "extracted", None, False)])

    assert manifest.last_attempts("tracker", "s", ["aa"])["aa"]["deaths"] == 0


def test_the_last_extraction_is_the_current_one(manifest):
    manifest.record_files([FILE])
    for settings in ("old", "new"):
        manifest.record_extractions(
            [
                Extraction(
                    replay_id="aa",
                    part="streams",
                    settings_digest=settings,
                    folder=f"streams/aa/aa.{settings}",
                    rows=1,
                    bytes=1,
                    seconds=0.1,
                    is_complete=True,
                )
            ]
        )

    assert [e.settings_digest for e in manifest.current_extractions(["aa"])] == ["new"]


def test_a_load_during_which_a_newer_extraction_was_finished_leaves_the_replay_waiting(manifest):
    manifest.record_files([FILE])
    manifest.record_extractions([_extraction("aa", "loading")])
    manifest.record_loads(["aa"], [("aa", "streams", "loading")])
    first = manifest.loaded_replays()
    manifest.record_extractions([_extraction("aa", "newer")])
    manifest.record_loads(["aa"], [("aa", "streams", "loading")])
    waiting = manifest.replay_ids("extracted")
    manifest.record_loads(["aa"], [("aa", "streams", "newer")])

    assert (first, waiting, manifest.loaded_replays()) == ({"aa"}, ["aa"], {"aa"})


def test_a_loaded_replay_waits_again_once_another_extraction_counts(manifest):
    manifest.record_files([FILE])
    manifest.record_extractions([_extraction("aa", "first")])
    manifest.record_extractions([_extraction("aa", "second")])
    manifest.record_loads(["aa"], [("aa", "streams", "second")])
    manifest.make_current("streams", "second", ["aa"])
    unchanged = manifest.loaded_replays()
    manifest.make_current("streams", "first", ["aa"])

    assert (unchanged, manifest.loaded_replays()) == ({"aa"}, set())


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
        connection.execute("drop trigger replays_change")
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

    with pytest.raises(HomeError, match=r"is damaged .*verify --repair"):
        Manifest(path)


def test_the_manifest_can_be_read_while_it_is_written(manifest):
    manifest.record_files([FILE])

    assert read_only(manifest.path, "select replay_id from replays") == [{"replay_id": "aa"}]


def test_reading_a_manifest_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(HomeError, match="run `sc2-pipeline run` first"):
        read_only(tmp_path / "none.sqlite", "select 1")


CHANGES = {
    "a file": lambda m: m.record_files(_found("cc")),
    "a path": lambda m: m.record_files([{**FILE, "path": "/c.SC2Replay"}]),
    "a verdict": lambda m: m.record_verdicts([Verdict(replay_id="aa", status="loaded", stage="load")]),
    "a rule's answer": lambda m: m.record_rule_outcomes("f", [("aa", "rule", False, "3", "5")]),
    "another rule": lambda m: m.record_rule_outcomes("f", [("aa", "other", True, "4", "5")]),
    "a try": lambda m: m.begin_attempts("run", source="tracker", settings_digest="s", replay_ids=["aa"]),
    "an extraction": lambda m: m.record_extractions([_extraction("aa", "other")]),
    "which extraction counts": lambda m: m.make_current("streams", "first", ["aa"]),
    "a batch": lambda m: m.put_in_batches(["aa"], day="2026-11-28", size=2),
}


def _extraction(replay_id, settings):
    folder = f"streams/{replay_id}.{settings}"
    return Extraction(
        replay_id=replay_id,
        part="streams",
        settings_digest=settings,
        folder=folder,
        rows=1,
        bytes=1,
        seconds=1.0,
        is_complete=True,
    )


@pytest.fixture
def mirrored(manifest):
    """A manifest of two replays, all of which was mirrored."""
    manifest.record_files(_found("aa", "bb"))
    manifest.record_rule_outcomes("f", [("aa", "rule", True, "4", "5")])
    manifest.record_extractions([_extraction("aa", "first"), _extraction("aa", "second")])
    manifest.record_mirrored(manifest.everything(), "m")
    assert manifest.unmirrored("m").replay_ids == ()
    return manifest


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_of_a_replay_is_to_be_mirrored(mirrored, what):
    CHANGES[what](mirrored)

    assert mirrored.unmirrored("m").replay_ids == (("cc",) if what == "a file" else ("aa",))


def test_a_path_that_has_other_bytes_changes_two_replays(mirrored):
    mirrored.record_files([{**_found("aa")[0], "replay_id": "bb", "sha256": "bb" * 32}])

    assert set(mirrored.unmirrored("m").replay_ids) == {"aa", "bb"}


def test_what_is_said_again_is_no_change(mirrored):
    mirrored.record_verdicts([Verdict(replay_id="aa", status="rejected", stage="validate", reason="r", detail="d")])
    moment = mirrored.replays(["aa"])["aa"]["updated_at"]
    mirrored.record_mirrored(mirrored.everything(), "m")

    mirrored.record_files(_found("aa", "bb"))
    mirrored.record_rule_outcomes("f", [("aa", "rule", True, "4", "5")])
    mirrored.make_current("streams", "second", ["aa"])
    mirrored.record_verdicts([Verdict(replay_id="aa", status="rejected", stage="validate", reason="r", detail="d")])

    assert mirrored.unmirrored("m").replay_ids == ()
    assert mirrored.replays(["aa"])["aa"]["updated_at"] == moment


def test_what_changes_while_it_is_mirrored_is_to_be_mirrored_again(mirrored):
    mirrored.begin_attempts("run", source="tracker", settings_digest="s", replay_ids=["aa", "bb"])
    changed = mirrored.unmirrored("m")
    mirrored.record_verdicts([Verdict(replay_id="bb", status="loaded", stage="load")])

    mirrored.record_mirrored(changed, "n")

    assert mirrored.unmirrored("n").replay_ids == ("bb",)


@pytest.mark.parametrize("name", [None, "of another warehouse"])
def test_of_a_mirror_that_it_did_not_make_a_manifest_knows_nothing(mirrored, name):
    assert mirrored.unmirrored(name) is None
    assert mirrored.everything().replay_ids == ("aa", "bb")


def test_the_file_says_how_the_writer_left_its_own(manifest):
    assert written_warehouse(manifest.path) is None
    manifest.begin_writing()
    begun = written_warehouse(manifest.path)
    manifest.end_writing(7, "seven")

    assert (begun.generation, begun.is_being_written) == (None, True)
    assert written_warehouse(manifest.path) == WrittenWarehouse(
        generation=7, generation_name="seven", is_being_written=False
    )
