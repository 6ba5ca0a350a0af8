"""Batches are cut by the bytes of their extractions, DuckDB spills past its limit, and where that is too small a sentence says so."""

import errno
import os
import subprocess
import sys
from dataclasses import replace

import duckdb
import pytest

from sc2_pipeline import open_home
from sc2_pipeline.errors import MachineError, QueryError
from sc2_pipeline.machine_faults import machine_error
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline import batched_loading
from sc2_pipeline.pipeline.bisection import load_apart
from sc2_pipeline.warehouse.batch.cut import Cut
from sc2_pipeline.warehouse.memory import Memory, remove_spills
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.pipeline.homes import answers, run_home

SORTED = "select number from (select hash(range) as number from range(6_000_000)) order by number"
BEYOND = duckdb.OutOfMemoryException("Out of Memory Error: failed to pin block\n\nPossible solutions:\n* buy more")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("in")
    collection(folder, 6, seed=16, game_loops=(1_400, 1_600))
    return folder


@pytest.fixture
def merged(monkeypatch):
    """How many replays each transaction loaded."""
    counts = []
    merge = batched_loading.load

    def counting(writer, replay_ids):
        counts.append(len(replay_ids))
        merge(writer, replay_ids)

    monkeypatch.setattr(batched_loading, "load", counting)
    return counts


def cut(sizes, *, most_replays=10, most_bytes=100):
    """The sizes, in batches."""
    batches = Cut(most_replays=most_replays, most_bytes=most_bytes)
    return [batch for size in sizes for batch in batches.added(size, size=size)] + list(batches.rest())


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([1] * 25, [[1] * 10, [1] * 10, [1] * 5]),
        ([40, 40, 40, 40, 40], [[40, 40], [40, 40], [40]]),
        ([50, 50, 1], [[50, 50], [1]]),
        ([1, 500, 1], [[1], [500], [1]]),
    ],
)
def test_a_batch_has_so_many_replays_and_bytes_or_one_replay_that_is_more(sizes, expected):
    assert cut(sizes) == expected


def test_large_replays_are_loaded_in_more_batches_and_answer_the_same(folder, merged, tmp_path, monkeypatch):
    run_home([folder], tmp_path / "one")
    with Manifest(tmp_path / "one" / "manifest.sqlite") as manifest:
        sizes = [e.bytes for e in manifest.current_extractions(manifest.replay_ids())]
    assert merged == [6]

    merged.clear()
    monkeypatch.setattr(batched_loading, "LOADED_BYTES", sum(sizes) // 3)
    run_home([folder], tmp_path / "more")

    assert sum(merged) == 6
    assert len(merged) >= 3
    assert answers(tmp_path / "more") == answers(tmp_path / "one")


def test_a_few_replays_fit_into_the_least_memory_that_can_be_set_and_not_into_less(folder, tmp_path, monkeypatch):
    run_home([folder], tmp_path / "much")

    run_home([folder], tmp_path / "little", duckdb_memory_mb=64)

    assert answers(tmp_path / "little") == answers(tmp_path / "much")
    bound = Memory.bound
    monkeypatch.setattr(Memory, "bound", lambda memory, *given: bound(replace(memory, megabytes=20), *given))
    with pytest.raises(MachineError, match="raise duckdb_memory_mb"):
        run_home([folder], tmp_path / "less")


def test_what_is_asked_spills_into_the_home_and_nothing_of_it_stays(folder, tmp_path, monkeypatch):
    run_home([folder], tmp_path / "home")
    before = sorted(path.name for path in (tmp_path / "home").iterdir())
    monkeypatch.setenv("SC2_PIPELINE_DUCKDB_MEMORY_MB", "64")

    with open_home(tmp_path / "home") as home:
        rows = list(home.sql(f"select count(*) as n from ({SORTED} offset 1)"))

    assert rows == [{"n": 5_999_999}]
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == before


def test_a_question_past_the_limit_is_told_which_setting_to_raise(folder, tmp_path, monkeypatch):
    run_home([folder], tmp_path / "home")
    monkeypatch.setenv("SC2_PIPELINE_DUCKDB_MEMORY_MB", "64")

    with (
        open_home(tmp_path / "home") as home,
        pytest.raises(QueryError, match="more memory than DuckDB may have; raise duckdb_memory_mb"),
    ):
        home.sql("select list(hash(range)) from range(60_000_000)")


def test_a_connection_spills_to_a_folder_of_its_own_that_goes_with_it(tmp_path):
    with duckdb.connect() as one, duckdb.connect() as other:
        for connection in (one, other):
            Memory(megabytes=64, folder=tmp_path).bound(connection)
            connection.execute(f"create table t as {SORTED}")
        assert len(list(tmp_path.iterdir())) == 2

    assert list(tmp_path.iterdir()) == []


def test_what_killed_processes_spilt_is_removed_and_that_of_living_ones_stays(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for owner in (gone.pid, os.getpid()):
        (tmp_path / f".spill-{owner}-ab").mkdir()
        (tmp_path / f".spill-{owner}-ab" / "duckdb_temp_storage-0.tmp").write_bytes(b"rows")

    remove_spills(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [f".spill-{os.getpid()}-ab"]


def test_a_batch_past_the_limit_is_loaded_in_halves(tmp_path):
    loaded = []

    def load(replay_ids):
        if len(replay_ids) > 2:
            raise BEYOND
        loaded.extend(replay_ids)

    assert load_apart(load, list("abcdefg")) == {}
    assert loaded == list("abcdefg")


def test_one_replay_past_the_limit_is_the_machines_fault_and_not_its_own(tmp_path):
    def load(replay_ids):
        if "c" in replay_ids:
            raise BEYOND

    with pytest.raises(duckdb.OutOfMemoryException) as caught:
        load_apart(load, list("abcd"))

    fault = machine_error(caught.value, tmp_path)
    assert isinstance(fault, MachineError)
    assert "raise duckdb_memory_mb (docs/settings.md), and run again" in str(fault)
    assert "buy more" not in str(fault)
    assert machine_error(OSError(errno.ENOENT, "gone"), tmp_path) is None
