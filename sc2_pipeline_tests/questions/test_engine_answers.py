"""Questions that need the game, over a home whose replays were run through it: here through the stand-in."""

import lzma
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sc2_pipeline.questions import bound_values, find_question, read_questions, statement_of, why_empty
from sc2_pipeline.sc2_client.game_data import game_data_tables
from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import run_home

ASKED = [question for question in read_questions() if question.answered_from == "engine"]
GIVEN = {"reaction_times": {"seen": "Zergling", "response": "Stalker"}}
"""A stand-in's Stalker comes of the same made-up script as its enemy's Zergling; the defaults are of other games."""

NOT_PLAYED = {"transports": "raw.unit_passengers", "chrono_targets": ""}
"""The stand-in carries nobody and boosts nothing."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of two made-up games, run through the stand-in with the fog of war off and on."""
    folder = tmp_path_factory.mktemp("played")
    for seed, races in ((4, ("Protoss", "Zerg")), (5, ("Terran", "Zerg"))):
        script = ladder_game(seed, races=races, game_loops=16_000)
        write_replay(folder / "in" / f"{seed}.SC2Replay", script)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SC2PATH", str(stand_in.install(folder / "StarCraftII", [script.base_build])))
        report = run_home([folder / "in"], folder / "home", source="sc2", fog="both", step_mul=32)
    assert report.loaded == 2
    with duckdb.connect(str(folder / "home" / "warehouse.duckdb"), read_only=True) as connection:
        search_home(connection, folder / "home")
        yield connection


def answered(connection: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, object]]:
    question = find_question(name)
    result = connection.execute(statement_of(question, bound_values(question, GIVEN.get(name, {}))))
    columns = [column[0] for column in result.description]
    assert columns == [column for column, _ in question.columns]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


@pytest.mark.slow
def test_every_question_for_the_game_answers_once_replays_were_run_through_it(played):
    silent = {question.name for question in ASKED if not answered(played, question.name)}

    assert silent == set(NOT_PLAYED)
    for name, table in NOT_PLAYED.items():
        question = find_question(name)
        said = why_empty(played, question, bound_values(question, {}))
        assert table in said
        assert "no replay here was run" not in said


@pytest.mark.slow
def test_rows_of_games_with_and_without_fog_are_not_counted_twice(played):
    [(samples,)] = played.execute(
        "select count(distinct (replay_id, unit_tag, game_loop)) from raw.unit_snapshots"
        " where unit_type in ('Hatchery', 'Lair', 'Hive') and build_progress >= 1"
    ).fetchall()

    assert sum(row["hatchery_samples"] for row in answered(played, "injects")) == samples > 0
    assert len(answered(played, "exact_totals")) == 4
    assert {row["average_assigned"] for row in answered(played, "saturation") if row["building"] == "town hall"} == {16}


@pytest.mark.slow
def test_what_is_known_of_an_army_is_a_share_of_one(played):
    known = answered(played, "army_known")

    assert {row["known_share"] for row in known if row["army_value"] == 0} == {None}
    shares = [row["known_share"] for row in known if row["army_value"] > 0]
    assert 0 < max(shares) <= 1
    assert min(shares) >= 0


@pytest.mark.slow
def test_nothing_is_seen_before_it_was_begun(played):
    seen = answered(played, "tech_scouted")

    assert seen
    assert min(row["seconds_unseen"] for row in seen) >= 0


@pytest.mark.parametrize(
    ("question", "table", "column", "names"),
    [
        ("injects", "buff_types", "buff", ["QueenSpawnLarvaTimer"]),
        ("chrono_targets", "buff_types", "buff", ["TimeWarpProduction", "ChronoBoostEnergyCost"]),
        ("orbital_energy", "ability_types", "ability", ["Effect CalldownMULE", "Effect Scan", "Effect SupplyDrop"]),
    ],
)
def test_names_in_questions_are_the_games_own(shared: Path, question, table, column, names):
    recordings = sorted((shared / "engine_recordings").glob("*/*.ResponseData.pb.xz"))
    assert recordings
    for recording in recordings:
        data = game_data_tables(lzma.decompress(recording.read_bytes()), base_build=75689, data_version="")
        known = data[table][column].to_pylist()
        for name in names:
            assert f"'{name}'" in find_question(question).sql
            assert known.count(name) == 1
