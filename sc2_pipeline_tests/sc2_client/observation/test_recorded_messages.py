"""Recorded messages of a real engine against the official protobuf classes, field by field, presence included."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline.game_messages import sc2api_pb2
from sc2_pipeline.sc2_client.observation.observation_tables import RouteMaker
from sc2_pipeline.sc2_client.observation.plain_route import PlainRoute
from sc2_pipeline.sc2_client.observation.ptars_route import PtarsRoute
from sc2_pipeline_demo.stand_in import install
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.sc2_client.observation.collecting import (
    collect,
    recorded,
    recorded_passes,
    recorded_side,
    recorded_starts,
    through_parquet,
)
from sc2_pipeline_tests.sc2_client.observation.official_walk import differences, expected_cells, found_cells


def _parsed(payload: bytes) -> sc2api_pb2.ResponseObservation:
    return sc2api_pb2.ResponseObservation.FromString(payload)


def _passes(recordings: Path) -> list[list[bytes]]:
    """Both sides of a game, and the first observation of sixteen others (each a pass: all are of loop 0); and whatever
    users sent of ``probe --record``."""
    return [*recorded_passes(recordings), *([start] for start in recorded_starts(recordings))]


def _compared(payloads: list[bytes], route: RouteMaker) -> int:
    """Compares every field of those messages, before and after Parquet; gives their number."""
    collected = collect(payloads, route=route)
    messages = {message.observation.game_loop: message for message in map(_parsed, payloads)}
    expected, unheld = expected_cells(messages)

    assert unheld == set()
    assert differences(expected, found_cells(collected.tables())) == []
    assert differences(expected, found_cells(through_parquet(collected.batches))) == []
    return len(expected)


@pytest.mark.slow
@pytest.mark.parametrize("route", [PtarsRoute, PlainRoute])
def test_every_field_of_every_recorded_message_is_in_its_cell_before_and_after_parquet(
    recordings: Path, route: RouteMaker
) -> None:
    compared = sum(_compared(payloads, route) for payloads in _passes(recordings))

    assert compared > 190_000


@pytest.mark.slow
@pytest.mark.parametrize("route", [PtarsRoute, PlainRoute])
def test_a_recording_that_probe_made_is_taken_as_it_is_and_names_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: RouteMaker
) -> None:
    script = ladder_game(3, game_loops=3_000, names=("Somebody", "Anotherone"))
    replay = write_replay(tmp_path / "game.SC2Replay", script)
    monkeypatch.setenv("SC2PATH", str(install(tmp_path / "StarCraftII", [script.base_build])))
    told = CliRunner().invoke(
        app, ["probe", str(replay), "--home", str(tmp_path / "home"), "--record", str(tmp_path / "sent" / "game")]
    )
    assert told.exit_code == 0, told.output

    [payloads] = recorded_passes(tmp_path / "sent")
    compared = _compared(payloads, route)

    assert compared > 5_000
    files = list((tmp_path / "sent").rglob("*.pb.xz"))
    assert len(payloads) > 10
    assert {path.name for path in files if "Observation" not in path.name} == {
        "ResponseData.pb.xz",
        "ResponseGameInfo.pb.xz",
    }
    assert sum(path.stat().st_size for path in files) < 1 << 20
    for content in map(recorded, files):
        assert not any(name in content for name in (b"Somebody", b"Anotherone", str(tmp_path).encode()))


def test_the_judge_sees_a_changed_a_missing_and_a_surplus_value(recordings: Path) -> None:
    payloads = recorded_side(recordings, "player")[:1]
    expected, _ = expected_cells({50: _parsed(payloads[0])})
    found = found_cells(collect(payloads).tables())
    changed, missing, surplus = list(found)[100:103]
    found[changed] = -1.5
    del found[missing]
    found[(*surplus[:2], 51, surplus[3])] = 1

    assert sorted(line.partition(" ")[0] for line in differences(expected, found)) == ["missing", "surplus", "wrong"]


def test_upgrades_stand_at_the_first_observation_that_lists_them(recordings: Path) -> None:
    for side in ("player", "opponent"):
        payloads = recorded_side(recordings, side)
        first: dict[int, int] = {}
        for message in map(_parsed, payloads):
            for upgrade in message.observation.raw_data.player.upgrade_ids:
                first.setdefault(upgrade, message.observation.game_loop)

        rows = collect(payloads).rows("upgrades_seen")

        assert {row["upgrade_id"]: row["game_loop"] for row in rows} == first
        assert len(rows) == len(first) > 0


def test_both_routes_give_equal_tables(recordings: Path) -> None:
    for payloads in _passes(recordings):
        fast, plain = (collect(payloads, route=route).tables() for route in (PtarsRoute, PlainRoute))

        assert fast == plain


def test_live_tags_are_the_trackers_and_snapshots_have_none(recordings: Path) -> None:
    rows = [
        row
        for side in ("player", "opponent")
        for row in collect(recorded_side(recordings, side)).rows("unit_snapshots")
    ]

    live = [row for row in rows if row["display_type"] != "snapshot"]
    snapshots = [row for row in rows if row["display_type"] == "snapshot"]
    assert live
    assert snapshots
    assert all(row["api_tag"] == row["unit_tag"] | 1 << 32 for row in live)
    assert {row["unit_tag"] for row in snapshots} == {None}


def test_low_halves_of_snapshots_would_have_named_other_units(recordings: Path) -> None:
    """Why snapshots have no unit_tag: the low half alone repeats tags of units alive."""
    rows = collect(recorded_side(recordings, "player")).rows("unit_snapshots")

    halves = [(row["game_loop"], row["api_tag"] & 0xFFFFFFFF) for row in rows]

    assert len(halves) - len(set(halves)) == 35
