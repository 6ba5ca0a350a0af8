import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import duckdb
import pytest

from sc2_pipeline.config import Home
from sc2_pipeline.manifest import STATUSES, Manifest
from sc2_pipeline_tests.cli.conftest import sha256_of


def test_status_counts_every_status(command, standing_home):
    result = command("status", "--home", standing_home.root, "--json")

    assert result.exit_code == 0
    counts = json.loads(result.stdout)["replays"]
    assert counts == {"found": 1, "rejected": 1, "failed": 1, "extracted": 0, "loaded": 1}
    assert list(counts) == list(STATUSES)


def test_status_counts_by_batch_where_there_are_batches(command, standing_home):
    none = command("status", "--batches", "--home", standing_home.root)
    with Manifest(standing_home.manifest) as manifest:
        manifest.put_in_batches(sorted(manifest.replay_ids()), day="2026-11-28", size=3)
    told = command("status", "--batches", "--home", standing_home.root, "--json")
    card = command("status", "0001", "--home", standing_home.root)

    assert "no replay is in a batch" in none.stdout
    assert [(row["batch"], row["replays"]) for row in json.loads(told.stdout)] == [
        ("2026-11-28-0001", 3),
        ("2026-11-28-0002", 1),
    ]
    assert sum(row[status] for row in json.loads(told.stdout) for status in STATUSES) == 4
    assert "2026-11-28-0001" in card.stdout


def test_status_tells_the_last_run(command, standing_home):
    result = command("status", "--home", standing_home.root)

    assert "run-1" in result.stdout
    assert "standard (min_game_loops=1000)" in result.stdout


@pytest.mark.parametrize("name", ["0001", "0001EE", "short", "SHORT.sc2replay", "/games/short.SC2Replay"])
def test_a_replay_is_known_by_the_beginning_of_its_id_or_file_name(command, standing_home, name):
    result = command("status", name, "--home", standing_home.root, "--json")

    assert json.loads(result.stdout)["replay_id"] == sha256_of(1)[:16]


def test_a_replay_is_known_by_its_bytes_under_a_path_never_seen(command, standing_home, tmp_path):
    copy = tmp_path / "elsewhere.SC2Replay"
    copy.write_bytes(b"replay")
    with closing(sqlite3.connect(standing_home.manifest)) as connection, connection:
        digest = hashlib.sha256(b"replay").hexdigest()
        connection.execute("update replays set sha256 = ? where replay_id = ?", (digest, sha256_of(3)[:16]))

    result = command("status", copy, "--home", standing_home.root, "--json")

    assert json.loads(result.stdout)["replay_id"] == sha256_of(3)[:16]


def test_a_card_holds_all_that_is_known(command, standing_home):
    card = json.loads(command("status", "first", "--home", standing_home.root, "--json").stdout)
    text = command("status", "first", "--home", standing_home.root).stdout

    assert [file["path"] for file in card["files"]] == ["/games/first.SC2Replay"]
    assert [(o["rule"], o["passed"]) for o in card["rule_outcomes"]] == [("long_enough", True)]
    assert [attempt["outcome"] for attempt in card["attempts"]] == ["extracted"]
    assert [extraction["rows"] for extraction in card["extractions"]] == [7]
    for word in ("9000 game loops", "at least 1000 game loops", "extracted", f"streams/00/{card['replay_id']}.abc"):
        assert word in text


def test_a_name_that_fits_several_replays_names_them(command, standing_home):
    result = command("status", "0", "--home", standing_home.root)

    assert result.exit_code == 1
    assert "0 fits 4 replays" in result.stderr
    assert "first.SC2Replay" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="file names are text on Windows")
def test_a_name_in_bytes_that_are_no_text_is_found(command, tmp_path):
    path = tmp_path / os.fsdecode(b"\xff\xfe.SC2Replay")
    path.write_bytes(b"no replay")
    command("run", path, "--home", tmp_path / "home", "--workers", "1")

    for name in (path, path.name, os.fsdecode(b"\xff")):
        result = command("status", name, "--home", tmp_path / "home", "--json")

        assert json.loads(result.stdout)["reason"] == "not_an_archive", result.output


@pytest.mark.parametrize("name", ["nobody", "%", "_", "", "\udcff"])
def test_a_name_of_nobody_is_one_sentence(command, standing_home, name):
    result = command("status", name, "--home", standing_home.root)

    assert result.exit_code == 1
    assert result.stderr.startswith("sc2-pipeline: ")
    assert result.stderr.count("\n") == 1


def test_hostile_names_reach_the_terminal_as_escapes(command, standing_home):
    for words in (("status", "0002"), ("rejects",), ("status", "0")):
        output = command(*words, "--home", standing_home.root).output

        assert "\x1b" not in output
        assert "\u202e" not in output
        assert "a\\x1b[2Jb[red]\\u202e٢.SC2Replay" in output


def test_rejects_explain_every_broken_rule_and_every_fault(command, standing_home):
    rows = json.loads(command("rejects", "--home", standing_home.root, "--json").stdout)

    told = [(row["status"], row["reason"], row["observed"], row["wanted"]) for row in rows]
    assert told == [
        ("rejected", "apm_high_enough", "APM 2", "APM at least 10"),
        ("rejected", "long_enough", "20 game loops", "at least 1000 game loops"),
        ("failed", "truncated", "the archive ends early", None),
    ]


def test_rejects_say_what_a_reason_code_means(command, standing_home):
    result = command("rejects", "--home", standing_home.root)

    assert "the archive ends before its tables or a member do" in result.stdout


@pytest.mark.parametrize(
    ("flags", "reasons"),
    [
        (["--failed"], {"truncated"}),
        (["--rejected"], {"apm_high_enough", "long_enough"}),
        (["--reason", "truncated"], {"truncated"}),
        (["--reason", "apm_high_enough"], {"apm_high_enough", "long_enough"}),
        (["--reason", "truncated", "--reason", "long_enough"], {"truncated", "apm_high_enough", "long_enough"}),
        (["--reason", "map_missing"], set()),
    ],
)
def test_rejects_can_be_narrowed(command, standing_home, flags, reasons):
    rows = json.loads(command("rejects", *flags, "--home", standing_home.root, "--json").stdout)

    assert {row["reason"] for row in rows} == reasons


def test_no_verdict_is_said_so(command, standing_home):
    result = command("rejects", "--reason", "map_missing", "--home", standing_home.root)

    assert result.exit_code == 0
    assert "no replay is rejected or failed for map_missing (1 are loaded)" in result.stdout


def test_status_answers_while_another_process_writes(command, standing_home):
    writer = sqlite3.connect(standing_home.manifest, isolation_level=None)
    writer.execute("begin immediate")
    writer.execute("update replays set status = 'found'")

    result = command("status", "--home", standing_home.root, "--json")

    writer.execute("rollback")
    writer.close()
    assert json.loads(result.stdout)["replays"]["loaded"] == 1


def test_a_folder_without_a_manifest_is_one_sentence_with_the_way_out(command, tmp_path):
    result = command("status", "--home", tmp_path / "nothing")

    assert result.exit_code == 1
    assert "no manifest at" in result.stderr
    assert "--home" in result.stderr
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("name", ["moved", "50% of #1?" if os.name != "nt" else "50% of #1", "집"])
def test_a_moved_home_answers_as_before(command, standing_home, tmp_path, name):
    before = command("rejects", "--home", standing_home.root, "--json").stdout

    shutil.move(standing_home.root, tmp_path / name)

    assert command("rejects", "--home", tmp_path / name, "--json").stdout == before


def test_a_damaged_manifest_is_one_sentence(command, standing_home):
    standing_home.manifest.write_bytes(b"no database" * 1000)

    result = command("status", "--home", standing_home.root)

    assert result.exit_code == 1
    assert "`sc2-pipeline verify --repair` makes it anew" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_home_that_nobody_may_write_to_can_be_read(command, standing_home, monkeypatch):
    before = {path.name for path in standing_home.root.iterdir()}
    monkeypatch.setattr("sc2_pipeline.manifest.database.os.access", lambda _, mode: mode != os.W_OK)

    result = command("status", "--home", standing_home.root, "--json")

    assert json.loads(result.stdout)["replays"]["loaded"] == 1
    assert {path.name for path in standing_home.root.iterdir()} == before


@pytest.fixture
def home(loaded_home, tmp_path):
    return Home(shutil.copytree(loaded_home.root, tmp_path / "home"))


def published(command, home):
    """What status says of people's file, as JSON, and what it and doctor say in words."""
    told = command("status", "--home", home.root, "--json")
    shown = command("status", "--home", home.root).stdout
    findings = json.loads(command("doctor", "--home", home.root, "--json").stdout)
    [finding] = [finding for finding in findings if finding["name"] == "warehouse"]
    return json.loads(told.stdout)["published"], shown, finding


def test_status_and_doctor_tell_that_people_have_all_that_is_loaded(command, home):
    told, shown, finding = published(command, home)

    assert told["state"] == "current"
    assert told["generation"] == told["written_generation"] > 0
    assert f"generation {told['generation']}, all that is loaded" in shown
    assert finding["state"] == "ok"


def test_status_and_doctor_tell_that_peoples_file_is_behind(command, home):
    with Manifest(home.manifest) as manifest:
        manifest.end_writing(99, "later")

    told, shown, finding = published(command, home)

    said = f"behind: generation {told['generation']}, and generation 99 is loaded; run again, and all that is loaded is"
    assert (told["state"], told["written_generation"]) == ("behind", 99)
    assert said in " ".join(shown.split())
    assert (finding["state"], said in finding["said"]) == ("note", True)


def test_status_answers_while_a_run_has_the_writers_file_open_and_keeps_nobody_out(command, home):
    with Manifest(home.manifest) as manifest:
        manifest.begin_writing()
    opens = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", opens, str(home.build_warehouse)]

    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "open\n"
        told, shown, finding = published(command, home)
        writer.stdin.close()

    assert told["state"] == "being_written"
    assert "a run is writing the next, or was killed" in " ".join(shown.split())
    assert finding["state"] == "note"


@pytest.mark.parametrize(
    ("state", "said"),
    [("behind", "behind: nothing"), ("unreadable", "run again"), ("unknown", "by an earlier release")],
)
def test_a_published_file_that_is_missing_damaged_or_old_is_said_to_be(command, home, state, said):
    if state == "behind":
        home.warehouse.unlink()
    elif state == "unreadable":
        home.warehouse.write_bytes(b"no database" * 1000)
    else:
        with closing(sqlite3.connect(home.manifest)) as connection, connection:
            connection.execute("drop table written_warehouse")

    told = command("status", "--home", home.root, "--json")

    assert json.loads(told.stdout)["published"]["state"] == state
    assert said in json.loads(told.stdout)["published"]["said"]


def test_where_nothing_was_loaded_nothing_is_published(command, standing_home):
    told = command("status", "--home", standing_home.root, "--json")

    assert json.loads(told.stdout)["published"]["state"] == "none"


def test_status_tells_of_streams_that_are_cut(command, home):
    with duckdb.connect(str(home.warehouse)) as connection:
        [(first, *_)] = connection.execute("select replay_id from raw.replays order by all limit 1").fetchall()
        connection.execute("update raw.replays set game_events_fault = 'event 7' where replay_id = ?", [first])

    told = json.loads(command("status", "--home", home.root, "--json").stdout)
    shown = command("status", "--home", home.root).stdout
    card = command("status", first, "--home", home.root).stdout

    assert told["cut_streams"] == {first: {"game_events": "event 7"}}
    assert "0 of units and statistics, 1 of commands" in " ".join(shown.split())
    assert "event 7" in card
