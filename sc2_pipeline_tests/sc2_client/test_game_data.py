"""The game's own data and the map, recorded and by hand, as rows."""

import lzma
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sc2_pipeline.errors import EngineError
from sc2_pipeline.game_messages import common_pb2, data_pb2, sc2api_pb2
from sc2_pipeline.sc2_client.game_data import game_data_tables, game_info_row, game_names
from sc2_pipeline.steps.check import check_batch
from sc2_pipeline.tables.engine_game_data import ENGINE_GAME_DATA_TABLES

REPLAY_ID = "00c0ffee00c0ffee"


def _tables(response: bytes) -> dict[str, pa.RecordBatch]:
    return game_data_tables(response, base_build=75689, data_version="B89B5D6F")


@pytest.fixture(scope="module")
def recorded(shared: Path) -> dict[str, bytes]:
    """Every recorded ResponseData and ResponseGameInfo, by file name."""
    paths = [
        *(shared / "engine_recordings").glob("*/*Data.pb.xz"),
        *(shared / "engine_recordings").glob("*/*Info.pb.xz"),
    ]
    return {path.name: lzma.decompress(path.read_bytes()) for path in paths}


@pytest.fixture(scope="module")
def unit_types(recorded: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """Rows of one recorded version, by name."""
    rows = _tables(recorded["AltitudeAIE.ResponseData.pb.xz"])["unit_types"].to_pylist()
    return {row["unit_type"]: row for row in rows if row["unit_type"]}


def test_every_element_of_every_recorded_version_is_a_row_that_passes_its_checks(recorded: dict[str, bytes]) -> None:
    responses = [payload for name, payload in recorded.items() if "Data" in name]
    assert len(responses) == 4
    for payload in responses:
        official = sc2api_pb2.ResponseData.FromString(payload)
        tables = _tables(payload)

        assert {name: batch.num_rows for name, batch in tables.items()} == {
            "unit_types": len(official.units),
            "upgrade_types": len(official.upgrades),
            "ability_types": len(official.abilities),
            "buff_types": len(official.buffs),
            "effect_types": len(official.effects),
        }
        whole = {name: pa.Table.from_batches([batch]) for name, batch in tables.items()}
        assert check_batch(whole, max_bad_row_share=0).quarantined == ()


def test_numbers_and_presence_are_those_of_the_recording(recorded: dict[str, bytes]) -> None:
    payload = recorded["AltitudeAIE.ResponseData.pb.xz"]
    official = {unit.unit_id: unit for unit in sc2api_pb2.ResponseData.FromString(payload).units}
    columns = {
        column.name: (column.origin or "").removeprefix("ResponseData.units.")
        for column in ENGINE_GAME_DATA_TABLES[0].columns
        if (column.origin or "").startswith("ResponseData.units.") and not pa.types.is_list(column.type)
    }
    for name in ("unit_type", "race", "build_time_seconds"):
        del columns[name]
    compared = 0
    for row in _tables(payload)["unit_types"].to_pylist():
        unit = official[row["unit_type_id"]]
        for column, field in columns.items():
            assert row[column] == (getattr(unit, field) if unit.HasField(field) else None), (column, unit)
            compared += 1

    assert compared > 30_000


@pytest.mark.parametrize(
    ("unit_type", "expected"),
    [
        (
            "Marine",
            {"minerals": 50, "supply": 1.0, "category": "army", "race": "terran", "build_time_game_loops": 400.0},
        ),
        (
            "Drone",
            {"minerals": 50, "supply": 1.0, "category": "worker", "race": "zerg", "build_time_game_loops": 272.0},
        ),
        ("Zergling", {"minerals": 25, "supply": 0.5, "category": "army", "build_time_game_loops": 384.0}),
        ("Lair", {"minerals": 150, "vespene": 100, "minerals_total": 500, "mineral_cost": 500, "made_of": "Hatchery"}),
        ("Hatchery", {"minerals": 300, "minerals_total": 350, "category": "townhall", "supply_provided": 6.0}),
        ("OrbitalCommand", {"minerals": 150, "minerals_total": 550, "build_time_seconds": 25.0, "is_structure": True}),
        ("SiegeTankSieged", {"base_unit_type": "SiegeTank"}),
        ("MineralField", {"race": "neutral", "category": "resource", "has_minerals": True, "is_structure": False}),
    ],
)
def test_known_units_have_known_figures(
    unit_types: dict[str, dict[str, Any]], unit_type: str, expected: dict[str, object]
) -> None:
    row = unit_types[unit_type]

    assert {name: row[name] for name in expected} == expected


def test_a_weapon_has_its_target_and_its_bonuses(unit_types: dict[str, dict[str, Any]]) -> None:
    [weapon] = unit_types["Archon"]["weapons"]

    assert (weapon["target"], weapon["damage"], weapon["attacks"], weapon["range"]) == ("any", 25.0, 1, 3.0)
    assert weapon["bonuses"] == [{"attribute": "biological", "damage": 10.0}]
    assert unit_types["Archon"]["attributes"] == ["psionic", "massive"]


def test_names_of_ids_are_those_of_the_recording(recorded: dict[str, bytes]) -> None:
    names = game_names(recorded["AltitudeAIE.ResponseData.pb.xz"])

    assert names.unit_type.of_one(48) == "Marine"
    assert names.upgrade.of_one(66) == "zerglingmovementspeed"
    assert names.effect.of_one(1) == "PsiStorm"
    assert names.ability.of_one(4) == "Stop Stop"
    assert names.ability.of_one(1_000_001) is None
    assert names.unit_type.of(pa.array([48, None, 5_000, 2**32 - 1], pa.uint32())).to_pylist() == [
        "Marine",
        *[None] * 3,
    ]


def test_a_version_that_lacks_what_a_unit_is_made_of_still_prices_it() -> None:
    data = sc2api_pb2.ResponseData()
    data.units.add(unit_id=100, name="Lair", mineral_cost=500, race=common_pb2.Zerg, attributes=[data_pb2.Structure])

    [row] = _tables(data.SerializeToString())["unit_types"].to_pylist()

    assert (row["minerals"], row["minerals_total"], row["vespene_cost"]) == (500, 500, None)


def test_no_data_is_no_rows_and_no_message_is_a_garbled_reply() -> None:
    assert {name: batch.num_rows for name, batch in _tables(b"").items()} == dict.fromkeys(
        ["unit_types", "upgrade_types", "ability_types", "buff_types", "effect_types"], 0
    )
    for read in (_tables, game_names, lambda payload: game_info_row(payload, replay_id=REPLAY_ID)):
        with pytest.raises(EngineError, match="does not decode") as caught:
            read(b"\xff\xff")
        assert caught.value.reason == "garbled_reply"


def test_names_that_are_no_utf8_are_marked_and_kept() -> None:
    data = sc2api_pb2.ResponseData()
    data.units.add(unit_id=1, name="Marin")
    payload = data.SerializeToString().replace(b"Marin", b"Mar\xffn")

    [row] = _tables(payload)["unit_types"].to_pylist()

    assert (row["unit_type"], row["category"]) == ("Mar\ufffdn", None)


def test_every_recorded_map_is_one_row_with_its_grids(recorded: dict[str, bytes]) -> None:
    infos = {name: payload for name, payload in recorded.items() if "GameInfo" in name}
    assert len(infos) == 17
    for payload in infos.values():
        official = sc2api_pb2.ResponseGameInfo.FromString(payload).start_raw
        batch = game_info_row(payload, replay_id=REPLAY_ID)
        [row] = batch.to_pylist()

        assert check_batch({"game_info": pa.Table.from_batches([batch])}, max_bad_row_share=0).quarantined == ()
        assert (row["map_width"], row["map_height"]) == (official.map_size.x, official.map_size.y)
        assert row["start_locations"] == [{"x": at.x, "y": at.y} for at in official.start_locations]
        for grid in ("pathing_grid", "terrain_height", "placement_grid"):
            image = getattr(official, grid)
            assert row[f"{grid}_pixels"] == image.data
            assert len(image.data) * 8 == row[f"{grid}_bits_per_pixel"] * row[f"{grid}_width"] * row[f"{grid}_height"]


def test_a_map_without_grids_is_a_row_of_nulls() -> None:
    [row] = game_info_row(b"", replay_id=REPLAY_ID).to_pylist()

    filled = {name for name, value in row.items() if value is not None}
    assert filled == {"replay_id", "source", "mod_names", "start_locations"}
