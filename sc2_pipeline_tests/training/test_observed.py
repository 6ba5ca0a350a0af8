"""What games that were run through the game add to a training set; here through the stand-in."""

import os

import duckdb
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.config import Home
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.export import Anonymity, SplitPlan
from sc2_pipeline.training import TrainingPlan, map_layer, write_training_set
from sc2_pipeline.training.columns import RELATIONS, UNIT_LISTS
from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import run_home

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program"),
]
TRAIN = SplitPlan(shares=(1.0, 0.0, 0.0))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("observed")
    script = ladder_game(4, races=("Protoss", "Zerg"), game_loops=2_000)
    write_replay(folder / "in" / "4.SC2Replay", script)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SC2PATH", str(stand_in.install(folder / "StarCraftII", [script.base_build])))
        report = run_home([folder / "in"], folder / "home", source="sc2", step_mul=64)
    assert report.loaded == 1
    return Home(folder / "home")


@pytest.fixture(scope="module")
def written(home, tmp_path_factory):
    plan = TrainingPlan(destination=tmp_path_factory.mktemp("set") / "out", splits=TRAIN)
    write_training_set(home, plan)
    return plan.destination


def rows_of(folder, table):
    return [row for path in sorted(folder.glob(f"{table}/*/*.parquet")) for row in pq.read_table(path).to_pylist()]


def asked(home, sql):
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        search_home(connection, home.root)
        return connection.execute(sql).fetchall()


def test_unit_sets_are_whole_and_sorted(home, written):
    columns = ", ".join(f"units.{source}" for source in UNIT_LISTS.values())
    units = asked(home, f"select pass_player_id, game_loop, {columns} from marts.fct_unit_snapshots as units")

    frames = rows_of(written, "unit_sets")

    found = [
        (frame["player_id"], frame["game_loop"], *unit)
        for frame in frames
        for unit in zip(*(frame[name] for name in UNIT_LISTS), strict=True)
    ]
    assert sorted(found, key=str) == sorted(units, key=str) != []
    for frame in frames:
        keys = list(zip(frame["owner_player_ids"], frame["unit_tags"], strict=True))
        assert keys == sorted(keys)


def test_actions_stand_at_their_own_game_loop_with_the_observation_before(home, written):
    frames = {(frame["player_id"], frame["game_loop"]) for frame in rows_of(written, "unit_sets")}
    actions = rows_of(written, "actions")

    told = asked(
        home,
        "select player_id, action_game_loop, ability_id, target_x, target_y, target_unit_tag from marts.fct_actions",
    )
    names = ("player_id", "game_loop", "ability_id", "target_x", "target_y", "target_unit_tag")
    assert sorted([tuple(action[name] for name in names) for action in actions], key=str) == sorted(told, key=str) != []
    for action in actions:
        before = [loop for player_id, loop in frames if player_id == action["player_id"] and loop < action["game_loop"]]
        assert action["observed_game_loop"] == max(before, default=None)


def test_layers_of_maps_are_arrays(written):
    [row] = rows_of(written, "maps")
    grid = {"pathing_grid_bits_per_pixel": 1, "pathing_grid_width": 8, "pathing_grid_height": 2}

    height = map_layer(row, "terrain_height")

    assert height.shape == (row["terrain_height_height"], row["terrain_height_width"])
    assert height.tobytes() == row["terrain_height_pixels"]
    assert map_layer({**grid, "pathing_grid_pixels": b"\x80\x03"}, "pathing_grid").tolist() == [
        [1, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 1, 1],
    ]
    with pytest.raises(SettingsError, match="give one of pathing_grid"):
        map_layer(row, "creep")


def test_their_columns_are_those_of_the_papers(written):
    for relation in RELATIONS[2:]:
        found = duckdb.sql(
            f"select column_name, column_type from (describe from '{written}/{relation.name}/*/*.parquet')"
        )
        assert found.fetchall() == [(column.name, column.type) for column in relation.columns]
        assert f"| {relation.name} |" in (written / "README.md").read_text(encoding="utf-8")


def test_anonymous_unit_sets_have_pseudonyms_for_replays(home, written, tmp_path):
    plan = TrainingPlan(destination=tmp_path / "out", splits=TRAIN, anonymity=Anonymity(is_anonymous=True))
    write_training_set(home, plan)

    for table in ("unit_sets", "actions"):
        named, unnamed = rows_of(written, table), rows_of(plan.destination, table)
        assert len(named) == len(unnamed)
        assert not {row["replay_id"] for row in named} & {row["replay_id"] for row in unnamed}
        assert {row["replay_id"] for row in unnamed} == {row["replay_id"] for row in rows_of(plan.destination, "data")}
