"""Fixtures for all tests: the shared replays, if available."""

import csv
import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from filelock import FileLock

from sc2_pipeline.game_rules import rows
from sc2_pipeline.pipeline import writer
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.cli.programs import run_program
from sc2_pipeline_tests.empty_warehouse import EmptyWarehouse
from sc2_pipeline_tests.game_rules.rule_book import RuleBook
from sc2_pipeline_tests.pipeline.homes import run_home
from sc2_pipeline_tests.quick import is_quick, is_quick_place

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``-m quick``, skips folders without quick tests: importing Dagster and an S3 server takes seconds."""
    place = collection_path.relative_to(PROJECT / "sc2_pipeline_tests").as_posix()
    return True if config.option.markexpr == "quick" and not is_quick_place(PurePosixPath(place)) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the quick tests, before ``-m`` selects; files of quick tests alone come last, so that no process is left
    with a long file when the others have nothing more to do.

    A test of real processes (browsers, games, servers) that fails beside others is run once more, since a busy machine
    may starve one of them: the summary lists it as rerun. A quick test never is, nor is any with ``-n 0``.
    """
    long_files = {item.path for item in items if not is_quick(item)}
    for item in items:
        if is_quick(item):
            item.add_marker(pytest.mark.quick)
        elif "PYTEST_XDIST_WORKER" in os.environ:
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: item.path not in long_files)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Reports how many faults were injected (``durability/``)."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for count in sorted(count for report in reports for name, count in report.user_properties if name == "faults"):
        terminalreporter.line(f"faults: {count}")


@pytest.fixture(scope="session", autouse=True)
def heeded_signals() -> None:
    """Restores the default handling of termination signals, as in a terminal.

    Tests started in the background or by nohup ignore these signals, and so would every child process; Dagster, run in
    the tests' own process, handles SIGTERM like SIGINT.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def between_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary folder that all processes of this test session share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", autouse=True)
def empty_warehouse(between_workers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmptyWarehouse]:
    """New homes of runs in this process begin with a copy of one empty warehouse; for a home that another process runs
    into, ``place`` puts it there. Tests of single programs make theirs anew."""
    empty = EmptyWarehouse(between_workers, tmp_path_factory.mktemp("empty_warehouses"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "open_warehouse", empty.open)
        yield empty


@pytest.fixture
def new_home(empty_warehouse: EmptyWarehouse, tmp_path: Path) -> Path:
    """A home with an empty warehouse and nothing else, for processes of its own to run into."""
    return empty_warehouse.place(tmp_path / "home")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real replays and recordings beside the project; skips if it does not exist."""
    if not SHARED.is_dir():
        pytest.skip("the shared folder of real replays is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def shared_replays(shared: Path) -> Path:
    """Folder of the 147 real replays."""
    return shared / "replays"


@pytest.fixture(scope="session")
def shared_manifest(shared_replays: Path) -> list[dict[str, str]]:
    """Findings of other tools about each real replay, one dict per file."""
    with (shared_replays / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class RealRun:
    """A run over all real replays: its home, which tests only read or copy, and the counts that it printed."""

    home: Path
    counts: dict[str, Any]


@pytest.fixture(scope="session")
def real_run(shared_replays: Path, between_workers: Path) -> RealRun:
    """One run of the program, as people give it, with all filters off, for all tests of this session."""
    home, printed = between_workers / "real_home", between_workers / "real_run.json"
    with FileLock(f"{home}.lock"):
        if not printed.exists():
            shutil.rmtree(home, ignore_errors=True)
            words = ("run", shared_replays, "--home", home, "--filters", "all", "--json")
            ended = run_program(*words, cwd=between_workers)
            assert ended.returncode == 0, ended.stderr
            printed.write_text(ended.stdout.splitlines()[-1], encoding="utf-8")
    return RealRun(home=home, counts=json.loads(printed.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def synthetic_folder(between_workers: Path) -> Path:
    """Folder of 24 short synthetic replays of many kinds; one game is there twice, saved by both of its players."""
    folder = between_workers / "synthetic_replays"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            partial = folder.with_suffix(".partial")
            collection(partial, 24, seed=7, game_loops=(1_400, 3_000))
            partial.rename(folder)
    return folder


@pytest.fixture(scope="session")
def synthetic_home(synthetic_folder: Path, empty_warehouse: EmptyWarehouse, between_workers: Path) -> Path:
    """The home of a run over those replays, which tests only read or copy."""
    home = between_workers / "synthetic_home"
    with FileLock(f"{home}.lock"):
        if not home.exists():
            partial = home.with_suffix(".partial")
            run_home([synthetic_folder], partial)
            partial.rename(home)
    return home


@pytest.fixture
def rule_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RuleBook:
    """The shipped rules, for tests that change them."""
    book = RuleBook(tmp_path / "rules", monkeypatch, rows.FOLDER)
    book.forget()
    return book
