import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml

from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError, SettingsError
from sc2_pipeline.export import Anonymity, ExportPlan, SplitPlan, export_dataset
from sc2_pipeline.export.dataset import _Files
from sc2_pipeline.export.tables import ATTRIBUTES, OVER_ALL_GAMES
from sc2_pipeline.export.unfinished import unfinished
from sc2_pipeline.population import Population
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.pipeline.homes import query, run_home


@pytest.fixture(scope="module")
def home(synthetic_home):
    return synthetic_home


def _export(home, destination, **plan):
    splits = plan.pop("splits", SplitPlan())
    return export_dataset(
        Home(home), ExportPlan(format=plan.pop("format", "parquet"), destination=destination, splits=splits, **plan)
    )


def _all_rows(dataset, table):
    return duckdb.sql(f"select * from read_parquet('{dataset}/data/{table}/*/*.parquet') order by all").fetchall()


def _games_of(dataset, split):
    files = sorted(Path(dataset, "data", "dim_replays", split).glob("*.parquet"))
    return set(pl.read_parquet(files)["game_key"].to_list()) if files else set()


def test_an_export_read_back_equals_the_marts_row_by_row(home, tmp_path):
    _export(home, tmp_path / "out")

    tables = [name for (name,) in query(home, "select table_name from duckdb_tables() where schema_name = 'marts'")]
    tables = [name for name in tables if name not in ATTRIBUTES.keys() | OVER_ALL_GAMES]
    assert len(tables) >= 13
    for table in (*tables, "fct_unit_counts"):
        assert _all_rows(tmp_path / "out", table) == query(home, f"select * from marts.{table} order by all"), table


def test_learning_vectors_are_exported_and_carry_the_split_that_they_are_in(home, tmp_path):
    _export(home, tmp_path / "out", splits=SplitPlan(shares=(0.4, 0.3, 0.3), seed=5), tables=("ml_state_vectors",))
    whole = query(home, "select * exclude (split) from marts.ml_state_vectors order by all")

    found = {
        split: duckdb.sql(f"select * from read_parquet('{folder}/*.parquet')")
        for split in ("train", "validation", "test")
        if (folder := tmp_path / "out" / "data" / "ml_state_vectors" / split).is_dir()
    }

    assert sorted(row for rows in found.values() for row in rows.select("* exclude (split)").fetchall()) == whole != []
    assert all(rows.select("split").distinct().fetchall() == [(split,)] for split, rows in found.items())


def test_no_game_is_in_two_splits_though_both_players_saved_it(home, tmp_path):
    _export(home, tmp_path / "out", splits=SplitPlan(shares=(0.4, 0.3, 0.3)), tables=("dim_replays",))

    games = [_games_of(tmp_path / "out", split) for split in ("train", "validation", "test")]

    assert sum(map(len, games)) == len(set.union(*games))
    assert query(home, "select count(*) - count(distinct game_key) from marts.dim_replays")[0][0] >= 1


def test_adding_replays_moves_no_game(home, synthetic_folder, tmp_path):
    splits = SplitPlan(shares=(0.4, 0.3, 0.3), seed=3)
    collection(tmp_path / "more", 12, seed=99, game_loops=(1_400, 2_000))
    shutil.copytree(home, tmp_path / "larger")
    run_home([synthetic_folder, tmp_path / "more"], tmp_path / "larger")
    _export(home, tmp_path / "before", splits=splits, tables=("dim_replays",))
    _export(tmp_path / "larger", tmp_path / "after", splits=splits, tables=("dim_replays",))

    for split in ("train", "validation", "test"):
        assert _games_of(tmp_path / "before", split) <= _games_of(tmp_path / "after", split)


def test_another_seed_divides_another_way(home, tmp_path):
    even = {"shares": (0.34, 0.33, 0.33)}
    for name, seed in (("a", 1), ("b", 2)):
        _export(home, tmp_path / name, splits=SplitPlan(seed=seed, **even), tables=("dim_replays",))

    assert _games_of(tmp_path / "a", "train") != _games_of(tmp_path / "b", "train")


def test_split_by_player_puts_no_account_in_two_splits(home, tmp_path):
    report = _export(
        home, tmp_path / "out", splits=SplitPlan(by="player", shares=(0.4, 0.3, 0.3)), tables=("fct_replay_players",)
    )
    accounts = [
        set(
            pl.read_parquet(f"{tmp_path}/out/data/fct_replay_players/{split}/*.parquet")
            .filter(~pl.col("is_computer"))["player_key"]
            .to_list()
        )
        for split in ("train", "validation", "test")
    ]

    assert sum(map(len, accounts)) == len(set.union(*accounts))
    assert report.games.get("left_out", 0) > 0


def test_split_by_time_cuts_where_it_was_told(home, tmp_path):
    [(first, second)] = query(
        home, "select quantile_cont(started_at, 0.4), quantile_cont(started_at, 0.7) from marts.dim_replays"
    )
    _export(home, tmp_path / "out", splits=SplitPlan(by="time", cuts=(first, second)), tables=("dim_replays",))

    train = pl.read_parquet(f"{tmp_path}/out/data/dim_replays/train/*.parquet")["started_at"]
    test = pl.read_parquet(f"{tmp_path}/out/data/dim_replays/test/*.parquet")["started_at"]
    assert train.max() < first <= second <= test.max()


def test_rows_are_sorted_by_build_matchup_and_replay(home, tmp_path):
    _export(home, tmp_path / "out", splits=SplitPlan(shares=(1.0, 0.0, 0.0)), tables=("dim_replays",))

    rows = pl.read_parquet(f"{tmp_path}/out/data/dim_replays/train/*.parquet")

    order = list(zip(rows["base_build"], rows["matchup"].fill_null("~"), rows["replay_id"], strict=True))
    assert order == sorted(order)


def test_the_manifest_has_every_file_with_its_hash(home, tmp_path):
    _export(home, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())

    listed = {file["path"]: file["sha256"] for file in manifest["files"]}
    found = {
        path.relative_to(tmp_path / "out").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (tmp_path / "out" / "data").rglob("*.parquet")
    }
    assert listed == found


def test_the_card_names_every_table_and_only_files_that_are_there(home, tmp_path):
    _export(home, tmp_path / "out", format="huggingface")
    _, head, body = (tmp_path / "out" / "README.md").read_text().split("---\n", 2)

    for config in yaml.safe_load(head)["configs"]:
        for files in config["data_files"]:
            assert list((tmp_path / "out").glob(files["path"])), files
        assert f"| {config['config_name']} |" in body


@pytest.mark.parametrize(("seed", "said"), [(0, "it is this one"), (1, "it is not this one")])
def test_the_card_says_what_the_split_of_the_vectors_is(home, tmp_path, seed, said):
    _export(home, tmp_path / "out", splits=SplitPlan(seed=seed), tables=("dim_replays",))

    assert said in (tmp_path / "out" / "README.md").read_text()
    vectors = query(home, "select distinct split, game_key from marts.ml_state_vectors")
    assert len(vectors) > 5
    assert all(key in _games_of(tmp_path / "out", split) for split, key in vectors) == (seed == 0)


def test_csv_holds_the_same_rows(home, tmp_path):
    _export(home, tmp_path / "out", format="csv", tables=("fct_unit_deaths",))

    rows = duckdb.sql(f"select count(*) from read_csv('{tmp_path}/out/data/fct_unit_deaths/*/*.csv')").fetchall()

    assert rows == query(home, "select count(*) from marts.fct_unit_deaths")


@pytest.mark.parametrize("is_raw", [False, True])
def test_text_in_csv_is_no_formula_unless_it_is_to_be_raw(home, tmp_path, is_raw):
    copy = shutil.copytree(home, tmp_path / "home")
    with duckdb.connect(str(copy / "warehouse.duckdb")) as connection:
        connection.execute("update intermediate.int_replays set map_title = '=1+1'")

    _export(copy, tmp_path / "out", format="csv", tables=("dim_replays",), is_raw_csv=is_raw)

    rows = duckdb.sql(f"select distinct map_title from read_csv('{tmp_path}/out/data/dim_replays/*/*.csv')").fetchall()
    assert rows == [("=1+1" if is_raw else "'=1+1",)]
    assert ("apostrophe" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")) != is_raw


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_no_name_and_no_account_survives_anonymising(home, tmp_path, kind):
    _export(home, tmp_path / "out", format=kind, anonymity=Anonymity(is_anonymous=True))
    people = query(
        home,
        "select distinct unnest([name, toon_handle, partner_name, partner_toon_handle, clan_tag])"
        " from marts.fct_replay_players where not is_computer",
    )
    words = {word for (word,) in people if word}
    reader = "read_parquet" if kind == "parquet" else "read_csv"

    assert words
    for path in (tmp_path / "out" / "data").glob("*/*"):
        extra = "" if kind == "parquet" else ", all_varchar = true"
        rows = duckdb.sql(f"select * from {reader}('{path}/*.{kind}'{extra})").fetchall()
        texts = {part for row in rows for value in row for part in _texts(value)}
        assert not texts & words, path
        assert not any("-S2-" in text for text in texts), path


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def test_pseudonyms_are_the_same_next_time_and_join_tables(home, tmp_path):
    for name in ("a", "b"):
        tables = ("dim_replays", "fct_replay_players", "fct_unit_deaths")
        _export(home, tmp_path / name, anonymity=Anonymity(is_anonymous=True), tables=tables)

    assert _all_rows(tmp_path / "a", "fct_replay_players") == _all_rows(tmp_path / "b", "fct_replay_players")
    joined = duckdb.sql(
        f"select count(*) from read_parquet('{tmp_path}/a/data/fct_unit_deaths/*/*.parquet')"
        f" semi join read_parquet('{tmp_path}/a/data/dim_replays/*/*.parquet') using (replay_id)"
    ).fetchall()
    assert joined == query(home, "select count(*) from marts.fct_unit_deaths")


def test_an_export_that_was_stopped_keeps_what_is_whole_and_of_the_same_options(home, tmp_path, monkeypatch):
    plans = {seed: {"splits": SplitPlan(seed=seed), "tables": ("dim_replays", "games")} for seed in (0, 1)}
    for seed, plan in plans.items():
        _export(home, tmp_path / str(seed), **plan)
    _stop_at(monkeypatch, 4)

    with pytest.raises(KeyboardInterrupt):
        _export(home, tmp_path / "out", **plans[0])
    unfinished = tmp_path / ".partial-out" / "data" / "dim_replays"
    (kept, damaged, *_) = sorted(unfinished.rglob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    before = kept.stat()
    _export(home, tmp_path / "out", **plans[0])
    _stop_at(monkeypatch, 4)
    with pytest.raises(KeyboardInterrupt):
        _export(home, tmp_path / "other", **plans[0])
    _export(home, tmp_path / "other", **plans[1])

    same = tmp_path / "out" / "data" / "dim_replays" / kept.relative_to(unfinished)
    assert (same.stat().st_ino, same.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert _bytes_of(tmp_path / "out") == _bytes_of(tmp_path / "0")
    assert _bytes_of(tmp_path / "other") == _bytes_of(tmp_path / "1") != _bytes_of(tmp_path / "0")


def _stop_at(monkeypatch, number):
    """Interrupts the next export while it describes that file."""
    described, left = _Files._described, iter(range(number - 1))

    def interrupted(*arguments):
        if next(left, None) is None:
            monkeypatch.setattr(_Files, "_described", described)
            raise KeyboardInterrupt
        return described(*arguments)

    monkeypatch.setattr(_Files, "_described", interrupted)


def _bytes_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_processes_do_not_export_to_one_folder(home, tmp_path):
    with unfinished(tmp_path / "out"), pytest.raises(HomeError, match="another process exports to"):
        _export(home, tmp_path / "out")


def test_a_folder_that_is_not_empty_is_left_alone(home, tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")

    with pytest.raises(HomeError, match="is not empty; give a new folder"):
        _export(home, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_warehouse_is_an_empty_dataset(tmp_path):
    (tmp_path / "in").mkdir()
    run_home([tmp_path / "in"], tmp_path / "home")

    report = _export(tmp_path / "home", tmp_path / "out")

    assert report.games == {}
    assert (tmp_path / "out" / "README.md").is_file()


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"format": "arff"}, "give one of parquet, huggingface, csv"),
        ({"tables": ("fct_wins",)}, "no table fct_wins in marts"),
        (
            {"anonymity": Anonymity(is_anonymous=True), "population": Population.read({"player": "Ann"})},
            "--player would tell",
        ),
        (
            {
                "anonymity": Anonymity(is_anonymous=True, is_coarse=True),
                "population": Population.read({"map": "Ley", "since": "2024-06-03"}),
            },
            "--map, --since would tell",
        ),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(home, tmp_path, plan, message):
    with pytest.raises(SettingsError, match=message):
        _export(home, tmp_path / "out", **plan)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ({"by": "matchup"}, "give one of game, player, time, patch, map"),
        ({"shares": (0.5, 0.2, 0.2)}, "three that add up to 1"),
        ({"by": "time"}, "needs two moments"),
        (
            {"by": "time", "cuts": (datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))},
            "wrong way round",
        ),
    ],
)
def test_splits_that_make_no_sense_are_refused(splits, message):
    with pytest.raises(SettingsError, match=message):
        SplitPlan(**splits)


def test_hugging_face_datasets_loads_every_table(home, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    datasets = pytest.importorskip("datasets", reason="datasets is not installed; `uv run --group datasets pytest`")
    _export(home, tmp_path / "out", format="huggingface")
    [(games,)] = query(home, "select count(*) from marts.dim_replays")

    names = datasets.get_dataset_config_names(str(tmp_path / "out"))
    loaded = datasets.load_dataset(str(tmp_path / "out"), "dim_replays", cache_dir=str(tmp_path / "cache"))

    assert {"dim_replays", "fct_units"} <= set(names)
    assert sum(split.num_rows for split in loaded.values()) == games


def test_croissant_reads_the_dataset(home, tmp_path):
    croissant = pytest.importorskip("mlcroissant", reason="mlcroissant is not installed; see .ci/run")
    _export(home, tmp_path / "out", format="huggingface", tables=("dim_replays", "dim_maps"), license="cc-by-4.0")

    dataset = croissant.Dataset(jsonld=str(tmp_path / "out" / "croissant.json"))

    assert "error" not in dataset.metadata.ctx.issues.report()
    assert {row["dim_replays/replay_id"].decode() for row in dataset.records("dim_replays")} == {
        replay_id
        for (replay_id,) in duckdb.sql(
            f"select replay_id from '{tmp_path}/out/data/dim_replays/*/*.parquet'"
        ).fetchall()
    }


def test_the_description_for_programs_has_every_file_and_column(home, tmp_path):
    _export(home, tmp_path / "out", tables=("dim_replays", "dim_unit_types"))
    description = json.loads((tmp_path / "out" / "croissant.json").read_text(encoding="utf-8"))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))

    hashes = {one["contentUrl"]: one["sha256"] for one in description["distribution"] if "sha256" in one}
    assert hashes == {file["path"]: file["sha256"] for file in manifest["files"]}
    for records in description["recordSet"]:
        [path, *_] = sorted((tmp_path / "out" / "data" / records["name"]).rglob("*.parquet"))
        columns = dict(duckdb.sql(f"select column_name, column_type from (describe from '{path}')").fetchall())
        left_out = set(columns) - {field["name"] for field in records["field"]}
        assert all(columns[name].startswith(("STRUCT", "MAP", "BLOB")) for name in left_out), left_out
