"""The tables that SQL reads, against their declarations, against themselves, and against recordings of the game."""

import lzma
from collections import defaultdict
from pathlib import Path

import pytest

from sc2_pipeline.game_messages import data_pb2, sc2api_pb2
from sc2_pipeline.game_rules import LADDER, Moment, rules_at
from sc2_pipeline.game_rules.shipped import shipped_tables, shipped_versions
from sc2_pipeline.sc2_client.known_types import known_unit_types
from sc2_pipeline.tables.shipped import KNOWN_UNIT_TYPES_TABLE, SHIPPED_TABLES

OF_THE_RECORDING = 89720


@pytest.fixture(scope="module")
def eras() -> dict[str, list[dict[str, object]]]:
    found = defaultdict(list)
    for row in shipped_tables()["known_unit_types"].cast(KNOWN_UNIT_TYPES_TABLE.schema).to_pylist():
        found[row["unit_type"]].append(row)
    return dict(found)


@pytest.fixture(scope="module")
def types(eras) -> dict[str, dict[str, object]]:
    """As they were when the recording was made."""
    return {
        name: row
        for name, alike in eras.items()
        for row in alike
        if (row["from_base_build"] or 0) <= OF_THE_RECORDING < (row["to_base_build"] or 1 << 31)
    }


def test_every_shipped_table_is_declared_and_versioned():
    assert set(shipped_tables()) == set(SHIPPED_TABLES) == set(shipped_versions())
    for name, table in shipped_tables().items():
        assert table.schema.names == SHIPPED_TABLES[name].schema.names
        assert table.cast(SHIPPED_TABLES[name].schema).num_rows


def test_rows_keep_the_declared_vocabularies_and_bounds():
    for name, declared in SHIPPED_TABLES.items():
        for column in declared.columns:
            values = shipped_tables()[name].column(column.name).to_pylist()
            assert not column.required or None not in values, column.name
            assert column.vocabulary is None or set(values) <= set(column.vocabulary), column.name
            assert column.minimum is None or min(values) >= column.minimum, column.name


def test_every_game_has_one_row_for_each_type(eras):
    for name, alike in eras.items():
        borders = [(row["from_base_build"], row["from_data_build"], row["from_day"]) for row in alike]
        ends = [(row["to_base_build"], row["to_data_build"], row["to_day"]) for row in alike]
        assert borders[0] == ends[-1] == (None, None, None), name
        assert borders[1:] == ends[:-1], name


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


def response(shared: Path) -> sc2api_pb2.ResponseData:
    path = shared / "engine_recordings" / "game_start" / "AltitudeAIE.ResponseData.pb.xz"
    return sc2api_pb2.ResponseData.FromString(lzma.decompress(path.read_bytes()))


def test_types_are_what_the_recording_gives(shared: Path, types):
    units = response(shared).units
    recorded = known_unit_types(units, OF_THE_RECORDING)

    assert set(recorded) == set(types)
    for name, row in recorded.items():
        assert row == {column: types[name][column] for column in row}, name


def test_times_and_supply_are_what_the_recording_gives(shared: Path, types):
    for unit in response(shared).units:
        if unit.name not in types:
            continue
        row = types[unit.name]
        assert (row["supply"], row["supply_provided"]) == (unit.food_required, unit.food_provided), unit.name
        assert (data_pb2.Structure in unit.attributes and unit.race != 0) == row["is_structure"]
        if unit.build_time:
            assert row["build_time_game_loops"] == pytest.approx(unit.build_time, abs=0.002), unit.name


def test_upgrades_cost_and_take_what_the_recording_gives(shared: Path):
    rules = rules_at(LADDER, Moment(OF_THE_RECORDING))
    recorded = [upgrade for upgrade in response(shared).upgrades if upgrade.research_time]

    otherwise = {one.name for one in recorded if rules.value(one.name, "build_time") != one.research_time}

    assert len(recorded) > 100
    # Patch notes of 5.0.11 have it at 2240, the recording at 2720.
    assert otherwise == {"BansheeSpeed"}
    assert {one.name: rules.price(one.name) for one in recorded} == {
        one.name: (one.mineral_cost, one.vespene_cost) for one in recorded
    }
