"""The shipped table of unit types against the recording it was made from, and against itself."""

import lzma
from pathlib import Path

import pytest

from sc2_pipeline.game_data import shipped_tables, shipped_versions
from sc2_pipeline.tables.shipped import KNOWN_UNIT_TYPES_TABLE, SHIPPED_TABLES


@pytest.fixture(scope="module")
def types() -> dict[str, dict[str, object]]:
    table = shipped_tables()["known_unit_types"].cast(KNOWN_UNIT_TYPES_TABLE.schema)
    return {row["unit_type"]: row for row in table.to_pylist()}


def test_every_shipped_table_is_declared_and_versioned():
    assert set(shipped_tables()) == set(SHIPPED_TABLES) == set(shipped_versions())


def test_rows_keep_the_declared_vocabularies_and_bounds(types):
    for column in KNOWN_UNIT_TYPES_TABLE.columns:
        values = [row[column.name] for row in types.values()]
        assert not column.required or None not in values, column.name
        assert column.vocabulary is None or set(values) <= set(column.vocabulary), column.name
        assert column.minimum is None or min(values) >= column.minimum, column.name


def test_names_are_unique(types):
    assert len(types) == shipped_tables()["known_unit_types"].num_rows


def test_base_types_and_materials_are_known_types(types):
    for row in types.values():
        assert row["base_unit_type"] in types
        assert row["made_of"] is None or row["made_of"] in types


def test_a_mode_costs_and_is_what_its_base_type_is(types):
    for row in types.values():
        base = types[row["base_unit_type"]]
        for name in ("category", "made_of", "minerals", "vespene", "minerals_total", "vespene_total", "is_structure"):
            assert row[name] == base[name], (row["unit_type"], name)


@pytest.mark.parametrize(
    ("unit_type", "own", "total", "build_time"),
    [
        ("Drone", (50, 0), (50, 0), 272),
        ("Zergling", (25, 0), (25, 0), 384),
        ("Baneling", (25, 25), (50, 25), 320),
        ("Roach", (75, 25), (75, 25), 432),
        ("Ravager", (25, 75), (100, 100), 272),
        ("RavagerCocoon", (25, 75), (100, 100), None),
        ("Stalker", (125, 50), (125, 50), 672),
        ("Hatchery", (300, 0), (350, 0), 1600),
        ("Lair", (150, 100), (500, 100), 1280),
        ("OrbitalCommand", (150, 0), (550, 0), 560),
        ("OverlordTransport", (25, 25), (125, 25), 266.68),
    ],
)
def test_costs_and_build_times_are_those_players_know(types, unit_type, own, total, build_time):
    row = types[unit_type]

    assert (row["minerals"], row["vespene"]) == own
    assert (row["minerals_total"], row["vespene_total"]) == total
    assert row["build_time_game_loops"] == build_time


def test_the_file_is_what_the_recording_gives(shared: Path, types):
    generate = pytest.importorskip("sc2_pipeline.game_data.generate")
    recording = shared / "engine_recordings" / "game_start" / "AltitudeAIE.ResponseData.pb.xz"
    response = generate.sc2api_pb2.ResponseData()
    response.ParseFromString(lzma.decompress(recording.read_bytes()))

    made = generate.known_unit_types(response, "5.0.x")

    written = generate.CSV.read_text(encoding="utf-8").splitlines()
    assert [",".join(str(row[name]) for name in generate.COLUMNS) for row in made] == written[1:]
