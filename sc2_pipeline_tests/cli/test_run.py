import json
import os
import signal
import subprocess
from pathlib import Path

import duckdb
import pytest

from sc2_pipeline.cli.funnel import funnel_lines
from sc2_pipeline.errors import REASONS, HomeError
from sc2_pipeline.pipeline.report import MartTestFailure, RunReport
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.cli.conftest import GAMES
from sc2_pipeline_tests.cli.programs import environment, program, run_program

KEYS = {
    "files",
    "found",
    "duplicates",
    "rejected",
    "failed",
    "pending",
    "loaded",
    "already_loaded",
    "seconds",
    "warehouse",
    "rejected_by_reason",
    "failed_by_reason",
}


def last_line(stdout: str) -> dict[str, object]:
    counts: dict[str, object] = json.loads(stdout.splitlines()[-1])
    return counts


def test_counts_are_the_last_line_of_stdout_and_progress_is_elsewhere(games, tmp_path):
    result = run_program("run", games, "--home", "home", "--json", "--workers", "1", cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    counts = last_line(result.stdout)
    assert len(result.stdout.splitlines()) == 1
    assert counts.keys() >= KEYS
    expected = {"files": GAMES + 4, "found": GAMES + 3, "duplicates": 1, "failed": 3, "rejected": 0, "pending": 0}
    assert {name: counts[name] for name in expected} == expected
    assert counts["loaded"] == GAMES
    assert set(counts["failed_by_reason"]) == {"truncated", "empty_file", "not_a_file"}
    assert f"extract: {GAMES} of {GAMES}" in result.stderr


def test_a_second_run_loads_nothing(command, games, loaded_home):
    result = command("run", games, "--home", loaded_home.root, "--workers", "1", "--json")

    assert result.exit_code == 0, result.output
    counts = last_line(result.stdout)

    assert (counts["loaded"], counts["already_loaded"]) == (0, GAMES)


def test_people_get_the_funnel_with_reasons_and_the_next_step(command, games, loaded_home):
    result = command("run", games, "--home", loaded_home.root, "--workers", "1")

    words = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert f"files {GAMES + 4}" in words
    assert "duplicates 1 same bytes under another path" in words
    assert "empty_file 1 the file has no bytes" in words
    assert f"already loaded {GAMES} by an earlier run" in words
    assert f"sc2-pipeline rejects --home {loaded_home.root} (why 3 replays are not in it)" in words


def test_the_lines_of_the_funnel_add_up():
    report = RunReport(
        files=20,
        found=18,
        duplicates=2,
        rejected=3,
        failed=4,
        pending=1,
        loaded=8,
        already_loaded=2,
        seconds=2.0,
        warehouse="w",
        rejected_by_reason={"long_enough": 3},
        failed_by_reason={"truncated": 3, "empty_file": 1},
    )

    numbers = {line[:26].strip(): int(line[26:35]) for line in funnel_lines(report)}

    assert numbers["files"] == numbers["found"] + numbers["duplicates"]
    parts = ("rejected", "failed", "pending", "already loaded", "loaded")
    assert numbers["found"] == sum(numbers[name] for name in parts)
    assert numbers["failed"] == numbers["truncated"] + numbers["empty_file"]


def test_a_folder_without_replays_is_nothing_done(command, tmp_path):
    (tmp_path / "notes.txt").write_text("no replay")

    result = command("run", tmp_path, "--home", tmp_path / "home", "--json")

    assert result.exit_code == 1
    assert last_line(result.stdout)["files"] == 0
    assert "no replay found" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give replay files or folders, or --watch"),
        (("--watch",), "no folder of the game's accounts was found below"),
        (("--watch", "a.SC2Replay"), "a.SC2Replay is no folder; --watch takes folders"),
    ],
)
def test_where_there_is_nothing_to_look_at_it_is_said(command, monkeypatch, tmp_path, words, said):
    (tmp_path / "a.SC2Replay").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    result = command("run", *words, "--home", tmp_path / "home")

    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert not (tmp_path / "home").exists()


def test_a_home_that_is_a_file_is_one_sentence(command, games, tmp_path):
    (tmp_path / "home").write_text("")

    result = command("run", games, "--home", tmp_path / "home")

    assert result.exit_code == 1
    assert "cannot be used" in result.stderr.splitlines()[-1]


def test_a_home_with_a_comma_in_its_path_is_refused_before_any_work(command, games, tmp_path):
    result = command("run", games, "--home", tmp_path / "mine, all mine")

    assert result.exit_code == 1
    assert "mine, all mine has a comma in it" in result.stderr.splitlines()[-1]
    assert "give another --home" in result.stderr
    assert not (tmp_path / "mine, all mine").exists()


def test_only_broken_replays_are_counted_and_no_error(command, tmp_path):
    (tmp_path / "a.SC2Replay").write_bytes(b"not a replay")

    result = command("run", tmp_path / "a.SC2Replay", "--home", tmp_path / "home", "--json", "--workers", "1")

    assert result.exit_code == 0
    assert last_line(result.stdout)["failed_by_reason"] == {"not_an_archive": 1}


def test_marts_that_break_their_tests_are_said_aloud_with_the_replays_and_whose_fault_it_is(
    command, monkeypatch, tmp_path
):
    report = RunReport(
        files=1,
        found=1,
        duplicates=0,
        rejected=0,
        failed=0,
        pending=0,
        loaded=1,
        already_loaded=0,
        seconds=1.0,
        warehouse="w",
        rejected_by_reason={},
        failed_by_reason={},
        mart_test_failures=(MartTestFailure(test="unique of unit_tag in marts.x", replays=3, examples=("aa", "bb")),),
    )
    monkeypatch.setattr("sc2_pipeline.pipeline.run", lambda *_, **__: report)

    result = command("run", tmp_path, "--json")

    assert result.exit_code == 0
    assert last_line(result.stdout)["mart_test_failures"] == [
        {"test": "unique of unit_tag in marts.x", "replays": 3, "examples": ["aa", "bb"]}
    ]
    assert (
        "rows of aa, bb and 1 more break unique of unit_tag in marts.x; this is a fault of sc2_pipeline"
        in result.stderr
    )
    assert "broken mart tests                1  our own fault" in command("run", tmp_path).stdout


@pytest.mark.parametrize(
    ("words", "reasons"),
    [
        (["games"], set()),
        (["games", "--retry-failed"], {*REASONS}),
        (["--retry-failed", "games"], {*REASONS}),
        (["--retry-failed", "--json", "games"], {*REASONS}),
        (["games", "--retry-failed", "killed_workers"], {"killed_workers"}),
        (["--retry-failed=engine_crashed", "games"], {"engine_crashed"}),
    ],
)
def test_retry_failed_takes_a_reason_or_none(command, monkeypatch, tmp_path, words, reasons):
    asked = []

    def run(*_, retry_reasons, **__):
        asked.append(set(retry_reasons))
        raise HomeError("no room")

    monkeypatch.setattr("sc2_pipeline.pipeline.run", run)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "games").mkdir()
    command("run", *words)

    assert asked == [reasons]


def test_a_reason_that_there_is_not_is_refused_before_any_work(command, games, tmp_path):
    result = command("run", games, "--home", tmp_path / "home", "--retry-failed", "bad_luck")

    assert result.exit_code == 2
    assert "no reason is called bad_luck; give one of empty_file, " in result.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process; Ctrl-C there goes to the console")
@pytest.mark.parametrize(("number", "exit_code", "workers"), [(signal.SIGINT, 130, 1), (signal.SIGTERM, 143, 2)])
@pytest.mark.slow
def test_a_stopped_run_publishes_what_it_has_and_goes_on_when_run_again(tmp_path, number, exit_code, workers):
    collection(tmp_path / "games", 24, seed=9, game_loops=(1_500, 2_500))
    words = ("run", "games", "--home", "home", "--workers", workers, "--batch-replays", "8", "--json")

    stdout, stderr, code = _stopped_after_the_first_load(words, tmp_path, number)

    counts = last_line(stdout)
    assert code == exit_code, stderr
    assert counts["pending"] > 0
    assert counts["found"] == counts["loaded"] + counts["pending"]
    assert "Traceback" not in stderr
    assert "run the same command again" in stderr
    assert _replays(tmp_path) == counts["loaded"] >= 8

    again = last_line(run_program(*words, cwd=tmp_path).stdout)

    assert (again["loaded"], again["already_loaded"]) == (24 - counts["loaded"], counts["loaded"])
    assert _replays(tmp_path) == 24


def _stopped_after_the_first_load(words: tuple[object, ...], folder: Path, number: int) -> tuple[str, str, int]:
    """Sends the signal to the program and all its children, as a terminal does, once a batch is loaded."""
    process = subprocess.Popen(
        program(*words),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if line.startswith("load: "):
            break
    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    stdout, rest = process.communicate(timeout=400)
    return stdout, "".join(seen) + rest, process.returncode


def _replays(folder: Path) -> int:
    with duckdb.connect(str(folder / "home" / "warehouse.duckdb"), read_only=True) as connection:
        [(count,)] = connection.execute("select count(*) from marts.dim_replays").fetchall()
        return int(count)
