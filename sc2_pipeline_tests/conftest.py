"""Fixtures for all tests: the shared replays, if available."""

import csv
import os
import signal
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from sc2_pipeline.game_rules import rows
from sc2_pipeline.pipeline import writer
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.empty_warehouse import EmptyWarehouse
from sc2_pipeline_tests.game_rules.rule_book import RuleBook
from sc2_pipeline_tests.quick import is_quick, is_quick_place

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``-m quick``, skips folders without quick tests: importing Dagster and an S3 server takes seconds."""
    place = collection_path.relative_to(PROJECT / "sc2_pipeline_tests").as_posix()
    return True if config.option.markexpr == "quick" and not is_quick_place(PurePosixPath(place)) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the quick tests, before ``-m`` selects."""
    for item in items:
        if is_quick(item):
            item.add_marker(pytest.mark.quick)


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
def empty_warehouse(between_workers: Path) -> Iterator[EmptyWarehouse]:
    """New homes of runs in this process begin with a copy of one empty warehouse; for a home that another process runs
    into, ``place`` puts it there. Tests in ``warehouse/`` and of single programs make theirs anew."""
    empty = EmptyWarehouse(between_workers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "open_warehouse", empty.open)
        yield empty


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


@pytest.fixture(scope="session")
def synthetic_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of 24 short synthetic replays of many kinds; one game is there twice, saved by both of its players."""
    folder = tmp_path_factory.mktemp("synthetic_replays")
    collection(folder, 24, seed=7, game_loops=(1_400, 3_000))
    return folder


@pytest.fixture
def rule_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RuleBook:
    """The shipped rules, for tests that change them."""
    book = RuleBook(tmp_path / "rules", monkeypatch, rows.FOLDER)
    book.forget()
    return book
