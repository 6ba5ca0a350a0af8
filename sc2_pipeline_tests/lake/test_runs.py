"""Whole runs with the lake in a store: the same answers, nothing done twice, and what is said when the store refuses."""

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import LakeError, SettingsError
from sc2_pipeline.lake import RECEIPT, store
from sc2_pipeline.lake.drivers import file_system
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.compaction import compact_lake
from sc2_pipeline.pipeline.extraction import MAX_DEATHS
from sc2_pipeline.pipeline.localisation import localise
from sc2_pipeline.pipeline.warehouse_stages import publish_warehouse, refresh_models
from sc2_pipeline.sql_models import read_models
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home, write_games

pytestmark = pytest.mark.slow

IN_PARQUET = {f"raw.{table.name}" for table in RAW_TABLES.values() if table.stays_in_parquet}
READ_THEM = {
    "marts.fct_base_saturation",
    "marts.fct_creep",
    "marts.fct_unit_orders",
    "marts.fct_unit_snapshots",
    "marts.frame_data",
}
"""Views over them, rows of which are made when they are asked for."""


def different(one, other):
    """Relations of which the rows differ."""
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def attempts(home):
    return sorted(query(home, "select replay_id, outcome from ops.attempts"))


@pytest.fixture(scope="module")
def real(shared_replays, shared_manifest, s3, tmp_path_factory) -> tuple[Path, Path, str]:
    """A home with its own lake and one with a bucket, of the same real replays; and the bucket's URL."""
    rows = [row for row in shared_manifest if row["kind"] == "1v1" and row["tracker_events"] == "1"]
    paths = [shared_replays / row["file"] for row in sorted(rows, key=lambda row: int(row["size"]))[:4]]
    folder = tmp_path_factory.mktemp("real")
    for home, lake in (("near", None), ("far", f"{s3}/real")):
        assert run_home(paths, folder / home, lake=lake).loaded == 4
    return folder / "near", folder / "far", f"{s3}/real"


def test_real_replays_out_of_a_store_give_the_same_answers(real):
    near, far, _ = real

    assert different(answers(near), answers(far)) <= IN_PARQUET
    assert query(far, "select count(*) > 0 from marts.fct_build_orders") == [(True,)]
    assert not (far / "lake").exists()
    assert not (far / "build" / "visiting").exists()


def test_a_second_run_extracts_nothing(real):
    _, far, lake = real
    paths = [Path(path) for (path,) in query(far, "select path from ops.replays")]

    report = run_home(paths, far, lake=lake)

    assert (report.loaded, report.already_loaded) == (0, 4)
    assert [outcome for _, outcome in attempts(far)] == ["extracted"] * 4


@pytest.fixture(scope="module")
def played(s3, tmp_path_factory):
    """Two homes, one with its own lake and one with a bucket: the files of both players of a game, one after the other,
    run through the stand-in."""
    if os.name == "nt":
        pytest.skip("the stand-in is a script, which Windows does not run as a program")
    folder = tmp_path_factory.mktemp("played")
    scripts = [ladder_game(4, races=("Terran", "Zerg"), game_loops=2_400, saved_by=player) for player in (2, 1)]
    files = [folder / "in" / f"{script.saved_by}.SC2Replay" for script in scripts]
    for path, script in zip(files, scripts, strict=True):
        write_replay(path, script)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SC2PATH", str(stand_in.install(folder / "StarCraftII", [scripts[0].base_build])))
        for home, lake in (("near", None), ("far", f"{s3}/played")):
            for path in files:
                run_home([path], folder / home, lake=lake, source="sc2", filters="all", step_mul=32)
        yield folder / "near", Settings(home=folder / "far", lake=f"{s3}/played", workers=1)


def test_games_that_were_run_give_the_same_answers_once_they_are_localised(played):
    near, settings = played
    wanted, before = answers(near), answers(settings.home)
    replay_ids = [replay_id for (replay_id,) in query(near, "select replay_id from marts.dim_replays order by all")]

    made = refresh_models(settings, whole=[model.relation for model in read_models()])
    publish_warehouse(settings)
    anew = answers(settings.home)
    one = localise(settings, replay_ids[:1])
    half = answers(settings.home)
    rest = localise(settings)

    assert "marts.replay_statistics" in made.rebuilt
    assert len(wanted["marts.replay_statistics"]) > 0
    assert len(wanted["raw.unit_orders"]) > len(half["raw.unit_orders"]) > len(before["raw.unit_orders"]) == 0
    assert different(wanted, before) <= IN_PARQUET | READ_THEM
    assert different(wanted, anew) <= IN_PARQUET | READ_THEM
    assert (one.replays, rest.replays, rest.left_elsewhere) == (1, 1, 0)
    assert different(wanted, answers(settings.home)) == set()


def test_a_file_that_a_model_reads_and_that_does_not_read_costs_its_own_rows_until_it_is_extracted_again(
    played, tmp_path
):
    near, _ = played
    home = shutil.copytree(near, tmp_path / "home")
    path = sorted(home.glob("lake/observation/*/*/unit_orders.parquet"))[0]
    path.write_bytes(b"PAR1" + bytes(path.stat().st_size - 8) + b"PAR1")

    refresh_models(Settings(home=home, workers=1), whole=[model.relation for model in read_models()])
    lost = query_writer(home, "select replay_id, lost_tables from ops.loads where lost_tables is not null")
    report = run_home([near.parent / "in"], home, source="sc2", filters="all", step_mul=32)

    assert lost == [(path.parent.name[:16], "unit_orders")]
    assert (report.loaded, report.already_loaded, report.failed) == (1, 1, 0)
    assert different(answers(near), answers(home)) == set()


def query_writer(home, sql):
    with duckdb.connect(str(home / "build" / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def games(tmp_path_factory):
    """Three made-up replays."""
    return write_games(tmp_path_factory.mktemp("games"), range(3))


@pytest.fixture(scope="module")
def made(games, tmp_path_factory):
    """A home of those games whose lake is in memory, and left-overs of a load that was killed when it was made."""
    home = tmp_path_factory.mktemp("made") / "home"
    left = home / "build" / "visiting" / "lake" / "streams" / "x.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"")
    run_home([games], home, lake="memory://made")
    return home


@pytest.fixture
def home(made, tmp_path):
    return shutil.copytree(made, tmp_path / "home")


@pytest.fixture
def memory(tmp_path):
    return f"memory://{tmp_path.name}"


def test_files_that_a_killed_load_left_visiting_are_gone(made):
    assert not (made / "build" / "visiting").exists()


def test_files_are_kept_in_the_home_where_the_setting_says_so(games, home, tmp_path, monkeypatch):
    localise(Settings(home=home, workers=1, lake="memory://made"))
    monkeypatch.setattr(store, "_put", None)  # All is extracted: the home is new, the lake is not.

    run_home([games], tmp_path / "kept", lake="memory://made", localise=True)

    assert different(answers(tmp_path / "kept"), answers(home)) == set()
    for place in (home, tmp_path / "kept"):
        assert [path.name for path in (place / "lake").rglob("*") if path.is_file()] == ["commands.parquet"] * 3


def test_a_home_pointed_at_another_lake_claims_nothing_that_is_not_there(games, home):
    with pytest.raises(LakeError, match=r"commands\.parquet is not in the lake .*; give the setting lake"):
        localise(Settings(home=home, workers=1))

    report = run_home([games], home)

    assert (report.loaded, report.already_loaded) == (0, 3)
    assert [outcome for _, outcome in attempts(home)] == ["extracted"] * 6
    assert len(list((home / "lake").rglob(RECEIPT))) == 6
    assert localise(Settings(home=home, workers=1)).files == 3
    assert query(home, "select count(distinct replay_id) from raw.commands") == [(3,)]


def test_compaction_needs_the_lake_in_the_home_and_leaves_out_what_is_elsewhere(home):
    with pytest.raises(SettingsError, match=r"compact needs the lake in the home's folder, and lake is memory://"):
        compact_lake(Settings(home=home, workers=1, lake="memory://made"))

    report = compact_lake(Settings(home=home, workers=1))

    assert (report.parts, report.removed_files) == (0, 0)


@pytest.mark.parametrize("damage", ["gone", "no bytes", "half"])
def test_a_damaged_file_of_a_store_has_its_replay_extracted_again_by_the_run_that_is_to_load_it(
    games, memory, tmp_path, damage
):
    run_home([games], tmp_path / "first", lake=memory)
    fs, root = file_system(memory)
    path = sorted(fs.glob(f"{root}/streams/*/*/unit_events.parquet"))[0]
    content = fs.cat_file(path)
    fs.rm_file(path) if damage == "gone" else fs.pipe_file(path, b"" if damage == "no bytes" else content[:500])

    report = run_home([games], tmp_path / "home", lake=memory)

    assert (report.loaded, report.failed, report.pending) == (3, 0, 0)
    assert different(answers(tmp_path / "first"), answers(tmp_path / "home")) == set()
    assert len(fs.cat_file(path)) == len(content)


def test_a_damaged_copy_in_the_home_is_left_out_of_views_until_it_is_localised_again(games, home):
    settings = Settings(home=home, workers=1, lake="memory://made")
    localise(settings)
    wanted = answers(home)
    copy = sorted(home.glob("lake/streams/*/*/commands.parquet"))[0]
    copy.write_bytes(b"")

    report = run_home([games], home, lake="memory://made")
    without = query(home, "select count(distinct replay_id) from raw.commands")
    localise(settings)

    assert (report.already_loaded, without) == (3, [(2,)])
    assert different(wanted, answers(home)) == set()


def test_what_newer_extractions_replaced_leaves_the_store_and_the_home(games, memory, tmp_path):
    home = tmp_path / "home"
    run_home([games], home, lake=memory)
    localise(Settings(home=home, workers=1, lake=memory))
    replaced = {folder for (folder,) in query(home, "select folder from ops.extractions")}
    assert len(list(home.glob("lake/streams/*/*/commands.parquet"))) == 3

    run_home([games], home, lake=memory, commands=False)

    assert len(replaced) == 6
    assert store.StoreLake(memory).receipts(replaced) == {}
    assert not any(marks for marks in store.StoreLake(memory).marks(replaced).values())
    assert list(home.glob("lake/streams/*/*/*")) == []


def refusing(monkeypatch, refuses):
    """Lets the store refuse files, by their path."""
    put_one = store._put

    def put(fs, root, path, *, folder):
        if refuses(f"{folder}/{path.name}"):
            raise PermissionError(f"{folder} is refused")
        put_one(fs, root, path, folder=folder)

    monkeypatch.setattr(store, "_put", put)


def test_a_replay_that_the_store_refuses_fails_and_is_tried_again(games, memory, tmp_path, monkeypatch):
    refused = []

    def one_replay(path):
        refused.append(path.split("/")[2])
        return path.split("/")[2] == refused[0]

    with monkeypatch.context() as patch:
        refusing(patch, one_replay)
        first = run_home([games], tmp_path / "home", lake=memory)
    [(reason, detail, retryable)] = query(
        tmp_path / "home", "select reason, detail, is_retryable from ops.replays where status = 'failed'"
    )
    second = run_home([games], tmp_path / "home", lake=memory)

    assert (first.loaded, first.failed, first.failed_by_reason) == (2, 1, {"lake_refused": 1})
    assert (reason, retryable) == ("lake_refused", True)
    assert detail.startswith(f"the lake {memory} cannot be used from ")
    assert (second.loaded, second.already_loaded, second.failed) == (1, 2, 0)


def test_a_store_that_is_gone_ends_the_run_with_one_sentence_and_no_replay_is_blamed(
    games, memory, tmp_path, monkeypatch
):
    home = tmp_path / "home"
    for _ in range(MAX_DEATHS):
        with monkeypatch.context() as patch:
            refusing(patch, lambda path: patch.setattr(store.StoreLake, "check", gone) or True)
            with pytest.raises(LakeError, match="gone for good"):
                run_home([games], home, lake=memory)
    report = run_home([games], home, lake=memory)

    assert report.loaded == 3
    with Manifest(home / "manifest.sqlite") as manifest:
        assert {row["outcome"] for row in manifest.table("attempts")} == {"lake_refused", "extracted"}


def gone(_):
    raise LakeError("gone for good")


def test_a_store_that_cannot_be_written_is_said_before_any_work(games, tmp_path):
    with pytest.raises(LakeError, match="no folder here"):
        run_home([games], tmp_path / "home", lake=f"file://{tmp_path}/nothing")

    with Manifest(tmp_path / "home" / "manifest.sqlite") as manifest:
        assert manifest.table("replay_files") == []
