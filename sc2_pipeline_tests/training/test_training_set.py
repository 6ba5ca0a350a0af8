"""A training set says what the marts say, in the order of games, and is read whole by any number of workers."""

import hashlib
import json
import os
import runpy
import signal
import subprocess
import sys
from itertools import pairwise

import duckdb
import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError, SettingsError
from sc2_pipeline.export import Anonymity, SplitPlan
from sc2_pipeline.population import Population
from sc2_pipeline.training import TrainingPlan, batches, sequences, shards, write, write_training_set
from sc2_pipeline.training.columns import RELATIONS
from sc2_pipeline.training.elements import GRID, VERSION, elements, places
from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.pipeline.homes import query

SPLITS = SplitPlan(shares=(0.5, 0.25, 0.25))
FIRST_LIST = "7d4e0f57e9c8aac7db75041ead06fe7085a0bc89c7dc5a3f8e87c974b4a411c9"
EVERYTHING = Population.read({"mode": "any", "include_ai": "1", "include_short": "1"})


@pytest.fixture(scope="module")
def home(synthetic_home):
    return synthetic_home


@pytest.fixture(scope="module")
def written(home, tmp_path_factory):
    plan = TrainingPlan(destination=tmp_path_factory.mktemp("set") / "out", splits=SPLITS, population=EVERYTHING)
    write_training_set(Home(home), plan)
    return plan.destination


def rows_of_split(folder, split) -> list[dict]:
    return [row for row in rows_of(folder) if row["split"] == split]


def rows_of(folder) -> list[dict]:
    return [row for path in sorted(folder.glob("data/*/*.parquet")) for row in pq.read_table(path).to_pylist()]


def test_counts_are_those_of_the_marts(home, written):
    counted = {
        (replay_id, player_id, loop, name): count
        for replay_id, player_id, loop, name, count in query(
            home,
            "select replay_id, player_id, game_loop, base_unit_type, sum(alive_count) from marts.fct_unit_counts"
            " join (select distinct unit_type, base_unit_type from raw.known_unit_types) using (unit_type)"
            f" where game_loop % {GRID} = 0 and alive_count > 0 group by all",
        )
    }
    rows, units = rows_of(written), places("units")

    assert len(rows) > 500
    found = {
        (row["replay_id"], row["player_id"], row["game_loop"], name): row["features"][place]
        for row in rows
        for name, place in units.items()
        if row["features"][place]
    }
    keys = {(row["replay_id"], row["player_id"], row["game_loop"]) for row in rows}
    assert found == {key: count for key, count in counted.items() if key[:3] in keys and key[3] in units} != {}


def test_statistics_and_upgrades_are_those_of_the_marts(home, written):
    economy, upgrades = places("economy"), places("upgrades")
    samples = {
        tuple(row[:3]): row[3:]
        for row in query(
            home,
            "select replay_id, player_id, game_loop, minerals, supply_used,"
            " greatest(minerals_lost_army + vespene_lost_army, 0) from marts.fct_economy_snapshots",
        )
    }
    done = {
        tuple(row[:3]): row[3]
        for row in query(
            home, "select replay_id, player_id, upgrade, min(finished_game_loop) from marts.fct_upgrades group by all"
        )
    }

    for row in rows_of(written):
        features, key = row["features"], (row["replay_id"], row["player_id"])
        told = tuple(features[economy[name]] for name in ("minerals", "supply_used", "resources_lost_army"))
        assert told == samples[*key, row["game_loop"]]
        for name, place in upgrades.items():
            finished = done.get((*key, name))
            assert features[place] == (finished is not None and finished <= row["game_loop"])


def test_rows_stand_on_the_grid_and_none_tells_that_the_game_is_over(home, written):
    lengths = dict(query(home, "select replay_id, duration_game_loops from marts.games"))

    for row in rows_of(written):
        assert row["game_loop"] % GRID == 0
        assert row["label_seconds_to_end"] == pytest.approx((lengths[row["replay_id"]] - row["game_loop"]) / 22.4)
        assert row["label_seconds_to_end"] >= 0


def test_labels_are_of_the_future(home, written):
    steps = query(
        home,
        "select replay_id, player_id, started_game_loop, display_name from marts.fct_build_orders"
        " where started_game_loop is not null and not is_cancelled and not is_worker",
    )
    later = {}
    for replay_id, player_id, loop, name in steps:
        later.setdefault((replay_id, player_id), []).append((loop, name))

    for row in rows_of(written):
        ahead = [one for one in later.get((row["replay_id"], row["player_id"]), ()) if one[0] > row["game_loop"]]
        soonest = min(ahead, default=(None,))[0]
        assert row["label_next_step"] in ({name for loop, name in ahead if loop == soonest} or {None})


def test_workers_read_every_row_once_in_any_order(written):
    keys = ("replay_id", "player_id", "game_loop", "features")
    expected = sorted(
        (row["replay_id"], row["player_id"], row["game_loop"]) for row in rows_of(written) if row["split"] == "train"
    )
    read = {
        seed: [
            (replay_id, player_id, loop)
            for worker in range(3)
            for batch in batches(written, "train", size=7, columns=keys, seed=seed, worker=worker, workers=3)
            for replay_id, player_id, loop in zip(*(batch[name].tolist() for name in keys[:3]), strict=True)
        ]
        for seed in (None, 1, 2)
    }

    assert all(sorted(rows) == expected != [] for rows in read.values())
    assert read[1] != read[2] != read[None]
    first = next(batches(written, "train", size=7))
    assert first["features"].shape == (7, len(elements()))
    assert first["features"].dtype == np.float32


def test_sequences_are_whole_games_as_one_player_had_them(written):
    loops = {}
    for row in rows_of(written):
        if row["split"] == "train":
            loops.setdefault((row["replay_id"], row["player_id"]), []).append(row["game_loop"])

    read = {
        (one.replay_id, one.player_id): one.arrays["game_loop"].tolist()
        for one in sequences(written, "train", columns=("game_loop",))
    }

    assert read == loops != {}


def test_a_finer_grid_has_the_same_rows_and_between_them_counts_of_that_moment(home, written, tmp_path):
    plan = TrainingPlan(destination=tmp_path / "out", splits=SPLITS, population=EVERYTHING, grid=32)
    write_training_set(Home(home), plan)
    rows, units = rows_of(plan.destination), places("units")
    economy = sorted(places("economy").values())
    changes = query(
        home,
        "select replay_id, player_id_after, unit_type_after, game_loop, 1 from intermediate.int_unit_states"
        " where state_after = 'alive' union all"
        " select replay_id, player_id_before, unit_type_before, game_loop, -1 from intermediate.int_unit_states"
        " where state_before = 'alive'",
    )
    probes = {(row["replay_id"], row["player_id"], row["game_loop"]): row for row in rows[:: len(rows) // 50]}

    counted = {key: dict.fromkeys(units, 0) for key in probes}
    for replay_id, player_id, name, loop, change in changes:
        for key in probes:
            if key[:2] == (replay_id, player_id) and loop <= key[2] and name in units:
                counted[key][name] += change

    assert [row for row in rows if row["economy_age_game_loops"] == 0] == [
        {**row, "opponent_row_offset": one["opponent_row_offset"]}
        for row, one in zip(rows_of(written), (r for r in rows if r["game_loop"] % GRID == 0), strict=True)
    ]
    assert {row["economy_age_game_loops"] for row in rows} == {0, 32, 64, 96, 128}
    for key, row in probes.items():
        assert {name: row["features"][place] for name, place in units.items()} == counted[key]
    for before, row in pairwise(rows):
        if row["economy_age_game_loops"]:
            assert row["game_loop"] == before["game_loop"] + 32
            assert [row["features"][place] for place in economy] == [before["features"][place] for place in economy]


def test_the_opponents_row_is_of_the_same_game_loop(written):
    rows = [row for split in ("test", "train", "validation") for row in rows_of_split(written, split)]
    by_key = {(row["replay_id"], row["player_id"], row["game_loop"]): row["features"] for row in rows}
    columns = ("replay_id", "player_id", "game_loop", "matchup", "opponent_features")

    found = 0
    for split in ("train", "validation", "test"):
        for batch in batches(written, split, size=50, columns=columns, seed=3):
            for replay_id, player_id, loop, features in zip(
                *(batch[name].tolist() for name in ("replay_id", "player_id", "game_loop", "opponent_features")),
                strict=True,
            ):
                others = [one for key, one in by_key.items() if key[::2] == (replay_id, loop) and key[1] != player_id]
                if not np.isnan(features[0]):
                    assert features in others
                    found += 1
    assert found > 300


def test_what_is_unknown_is_masked(written):
    known, ratings = places("known"), places("ratings")

    rows = rows_of(written)

    assert {row["mmr"] is None for row in rows} == {True, False}
    for row in rows:
        for name, place in ratings.items():
            assert (row["features"][known[name]], row["features"][place]) == (row[name] is not None, row[name] or 0)


def test_a_version_of_the_list_only_appends():
    first = [f"{one.kind} {one.name} {one.unit}" for one in elements() if one.since == 1]

    assert [one.since for one in elements()] == sorted(one.since for one in elements())
    assert elements()[-1].since == VERSION
    assert len(first) == 275
    assert hashlib.sha256("\n".join(first).encode()).hexdigest() == FIRST_LIST


def test_a_set_written_again_has_the_same_bytes_and_says_their_hashes(home, written, tmp_path):
    again = TrainingPlan(destination=tmp_path / "out", splits=SPLITS, population=EVERYTHING)
    write_training_set(Home(home), again)

    files = json.loads((written / "manifest.json").read_text(encoding="utf-8"))["files"]

    for folder in (written, again.destination):
        found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.parquet")}
        assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()} == {
            file["path"]: file["sha256"] for file in files
        }


KILLED = """
import os, signal, sys
from pathlib import Path
import pyarrow.parquet as pq
from sc2_pipeline_tests.training import test_training_set as test
test.shards.FILE_BYTES, test.write.GAMES_IN_GROUP = 1_000, 1
written, left = pq.ParquetWriter.write_table, iter(range(20))
def write_table(*arguments, **named):
    written(*arguments, **named)
    if next(left, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
pq.ParquetWriter.write_table = write_table
test.write_in_many(*map(Path, sys.argv[1:]))
"""
"""A process that dies while it writes a shard, some shards after the first."""


def write_in_many(home, destination):
    plan = TrainingPlan(destination=destination, splits=SPLITS, population=EVERYTHING)
    write_training_set(Home(home), plan)


@pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL, which Windows lacks")
def test_a_set_in_many_shards_is_read_as_one_and_is_resumed_where_its_process_was_killed(
    home, written, tmp_path, monkeypatch
):
    monkeypatch.setattr(shards, "FILE_BYTES", 1_000)
    monkeypatch.setattr(write, "GAMES_IN_GROUP", 1)
    whole, resumed, unfinished = tmp_path / "whole", tmp_path / "resumed", tmp_path / ".partial-resumed"
    write_in_many(home, whole)

    killed = subprocess.run([sys.executable, "-c", KILLED, home, resumed], cwd=PROJECT, check=False)
    noted = [json.loads(line) for line in (unfinished / "finished.jsonl").read_text("utf-8").splitlines()[1:]]
    finished = {file["path"]: (unfinished / file["path"]).stat() for part in noted for file in part["files"]}
    half = {path.relative_to(unfinished).as_posix() for path in unfinished.rglob("*.parquet")} - finished.keys()
    write_in_many(home, resumed)

    in_many, in_one = (
        [(one.replay_id, one.player_id, one.arrays["features"].tolist()) for one in sequences(folder, "train")]
        for folder in (whole, written)
    )
    assert len(list((whole / "data" / "train").iterdir())) > 9
    assert in_many == in_one
    assert killed.returncode == -signal.SIGKILL
    assert (len(finished), len(half)) == (20, 1)
    assert bytes_of(resumed) == bytes_of(whole)
    assert {name: (resumed / name).stat().st_ino for name in finished} == {
        name: status.st_ino for name, status in finished.items()
    }
    assert {path.name for path in tmp_path.iterdir()} == {"whole", "resumed"}


def bytes_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_written_says_what_it_is(written):
    schema = json.loads((written / "schema.json").read_text(encoding="utf-8"))
    described = {
        relation.name: [(column.name, column.type) for column in relation.columns] for relation in RELATIONS[:2]
    }

    for name, columns in described.items():
        found = duckdb.sql(f"select column_name, column_type from (describe from '{written}/{name}/train/*.parquet')")
        # DuckDB does not ask Parquet for a list's fixed length.
        assert found.fetchall() == [(column, kind.replace(f"[{len(elements())}]", "[]")) for column, kind in columns]
    assert [one["name"] for one in schema["features"]] == [element.name for element in elements()]
    assert schema["rows"] == {split: sum(row["split"] == split for row in rows_of(written)) for split in schema["rows"]}


def test_a_training_set_can_be_anonymous_and_not_coarse(home, written, tmp_path):
    plan = TrainingPlan(
        destination=tmp_path / "out", splits=SPLITS, population=EVERYTHING, anonymity=Anonymity(is_anonymous=True)
    )
    write_training_set(Home(home), plan)

    named, unnamed = rows_of(written), rows_of(plan.destination)
    assert not {row["replay_id"] for row in named} & {row["replay_id"] for row in unnamed}
    assert [row["features"] for row in named] == [row["features"] for row in unnamed]
    with pytest.raises(SettingsError, match="--coarse"):
        TrainingPlan(destination=tmp_path, anonymity=Anonymity(is_anonymous=True, is_coarse=True))
    with pytest.raises(SettingsError, match="give a divisor of 160"):
        TrainingPlan(destination=tmp_path, grid=100)


def test_ratings_of_an_unlinkable_training_set_are_rounded(home, written, tmp_path):
    unlinkable = Anonymity(is_anonymous=True, is_unlinkable=True)
    plan = TrainingPlan(destination=tmp_path / "out", splits=SPLITS, population=EVERYTHING, anonymity=unlinkable)
    write_training_set(Home(home), plan)

    exact, rounded = (
        [(row["mmr"], row["opponent_mmr"]) for row in rows_of(folder)] for folder in (written, plan.destination)
    )
    assert any(rating and rating % 100 for pair in exact for rating in pair)
    assert all(
        (one is None) == (other is None)
        for a, b in zip(exact, rounded, strict=True)
        for one, other in zip(a, b, strict=True)
    )
    assert all(
        abs(one - other) <= 50 and other % 100 == 0
        for a, b in zip(exact, rounded, strict=True)
        for one, other in zip(a, b, strict=True)
        if one
    )


def test_what_is_no_training_set_is_said_to_be_none(tmp_path):
    with pytest.raises(HomeError, match="is no training set"):
        next(batches(tmp_path, "train"))


def test_polars_reads_the_vectors(written):
    rows = pl.scan_parquet(written / "data" / "train" / "*.parquet").select("replay_id", "features").collect()

    assert rows.schema["features"] == pl.Array(pl.Float32, len(elements()))
    assert rows.height == sum(row["split"] == "train" for row in rows_of(written))


def test_hugging_face_datasets_loads_a_training_set(written, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    datasets = pytest.importorskip("datasets", reason="datasets is not installed; `uv run --group datasets pytest`")

    loaded = datasets.load_dataset(str(written), "data", cache_dir=str(tmp_path / "cache"))

    rows = json.loads((written / "schema.json").read_text(encoding="utf-8"))["rows"]
    assert {name: split.num_rows for name, split in loaded.items()} == rows
    assert len(loaded["train"].with_format("numpy")[0]["features"]) == len(elements())


def test_croissant_reads_a_training_set(written):
    croissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed; see .ci/run")

    found = list(croissant.Dataset(jsonld=str(written / "croissant.json")).records("data"))

    assert len(found) == len(rows_of(written))
    assert len(found[0]["data/features"]) == len(elements())


def test_a_model_learns_from_a_training_set(home, written, monkeypatch, capsys):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed; see .ci/run")
    monkeypatch.setenv("SC2_PIPELINE_HOME", str(home))
    monkeypatch.syspath_prepend(PROJECT / "docs")
    monkeypatch.setattr("sys.argv", ["win_predictor.py", str(written)])
    notebook = json.loads((PROJECT / "docs" / "win_predictor.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]

    runpy.run_path(str(PROJECT / "docs" / "win_predictor.py"), run_name="__main__")
    names: dict = {}
    exec("\n".join(cells), names)

    assert "minute   1:" in capsys.readouterr().out
    assert names["calibration"]
    # The same lead seen from the other side is the other's chance.
    assert np.allclose(names["chance"](names["lead"]) + names["chance"](-names["lead"]), 1)
    assert all(0 <= share <= 1 for _, _, *shares in names["calibration"] for share in shares)


def test_torch_workers_read_every_row_once(written):
    torch = pytest.importorskip("torch", reason="torch is not installed; this was run by hand")
    from sc2_pipeline.training.torch_batches import TorchBatches

    columns = ("features", "game_loop", "player_id", "label_next_fight_is_won")
    expected = sorted(row["features"] for row in rows_of(written) if row["split"] == "train")
    passes = []
    for workers in (0, 2):
        torch.manual_seed(1)
        loader = torch.utils.data.DataLoader(
            TorchBatches(written, "train", size=50, columns=columns), batch_size=None, num_workers=workers
        )
        passes += [[row for batch in loader for row in batch["features"].tolist()] for _ in range(2)]

    assert [sorted(one) for one in passes] == [expected] * 4
    assert passes[0] != passes[1]
