"""A run whose batches workers build and test publishes what an ordinary run does."""

import shutil
from dataclasses import replace

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.lake import open_lake
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline import batched_loading
from sc2_pipeline.pipeline.built_batches import BuildTask, build_task
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six games, three of which two files tell of."""
    folder = tmp_path_factory.mktemp("in")
    collection(folder, 6, seed=6, game_loops=(1_400, 1_600))
    for path in sorted(folder.iterdir())[:3]:
        # What follows the archive is not read.
        path.with_name(f"copy of {path.name}").write_bytes(path.read_bytes() + b"\0")
    return folder


@pytest.fixture(scope="module")
def ordinary(folder, tmp_path_factory, empty_warehouse):
    home = empty_warehouse.place(tmp_path_factory.mktemp("ordinary") / "home")
    assert run_home([folder], home).loaded == 9
    return answers(home)


@pytest.fixture
def merged(monkeypatch):
    """Numbers of replays that were merged of the batches that workers built, and of those that were left."""
    counts = []
    merge = batched_loading._merge_built

    def counting(writer, built):
        left = merge(writer, built)
        counts.append((sum(len(each.batch.replay_ids) for each in built) - len(left), len(left)))
        return left

    monkeypatch.setattr(batched_loading, "_merge_built", counting)
    return counts


@pytest.fixture
def few_at_once(monkeypatch):
    """Batches of two, merged four replays at once."""
    monkeypatch.setattr(batched_loading, "BUILT_REPLAYS", 2)


@pytest.mark.slow
def test_workers_build_batches_and_leave_to_the_writer_what_is_of_games_it_holds(
    folder, ordinary, merged, few_at_once, new_home
):
    report = run_home([folder], new_home, workers=2, batch_replays=4)

    assert report.loaded == 9
    assert sum(count for count, _ in merged) > 0
    assert sum(left for _, left in merged) > 0
    assert sum(count + left for count, left in merged) == 9
    assert answers(new_home) == ordinary
    assert query(new_home, "select count(*) > 0 from raw.commands") == [(True,)]
    assert not (new_home / "build" / "batches").exists()


@pytest.mark.slow
def test_a_batch_that_no_worker_could_build_is_built_by_the_writer(
    folder, ordinary, few_at_once, new_home, monkeypatch
):
    monkeypatch.setattr(batched_loading, "build_task", _fails)

    assert run_home([folder], new_home, workers=2, batch_replays=4).loaded == 9
    assert answers(new_home) == ordinary


def _fails(task):
    return None


def test_a_task_whose_files_are_gone_gives_nothing_and_leaves_no_file(folder, new_home, tmp_path):
    run_home([sorted(folder.iterdir())[0]], new_home)
    lake = open_lake(Settings(home=new_home))
    with Manifest(new_home / "manifest.sqlite") as manifest:
        extractions = manifest.current_extractions(manifest.replay_ids("loaded"))
    marks = lake.marks([e.folder for e in extractions])
    task = BuildTask(
        path=tmp_path / "1.duckdb",
        home=new_home,
        lake=lake,
        extractions={e: marks[e.folder] for e in extractions},
        files=(),
        game_data={},
        unfit=(),
        max_bad_row_share=0.01,
        duckdb_memory_mb=256,
    )

    built = build_task(task)
    shutil.rmtree(new_home / "lake" / extractions[0].folder)

    assert built is not None
    assert built.path.exists()
    assert build_task(replace(task, path=tmp_path / "2.duckdb")) is None
    assert not (tmp_path / "2.duckdb").exists()
