import hashlib
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import REASONS, ReplayError
from sc2_pipeline.lake.folder import FolderLake
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import MEMBER, decode_tracker
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline.steps.extract import extract_replay
from sc2_pipeline.tables import RAW_TABLES, tables_of
from sc2_pipeline_demo.synthetic import ArchiveLayout, ladder_game, write_replay
from sc2_pipeline_demo.synthetic.encoding.mpq_writer import archive_bytes


def _file(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ReplayFile(replay_id=digest[:16], sha256=digest, path=path)


def _extracted(path):
    parts = {}
    is_complete = TrackerSource(Settings()).extract(
        _file(path), lambda name, batch: parts.setdefault(name, []).append(batch)
    )
    return {name: pa.Table.from_batches(batches) for name, batches in parts.items()}, is_complete


def _reason(path, lake):
    """Why a replay's files were not written; None where they were."""
    try:
        extract_replay(_file(path), TrackerSource(Settings(commands=False)), lake)
    except ReplayError as error:
        return error.reason
    return None


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_replay(tmp_path_factory.mktemp("one") / "a.SC2Replay", ladder_game(1, game_loops=2_000))


def test_every_batch_has_its_declared_schema(path):
    tables, is_complete = _extracted(path)

    assert is_complete
    assert set(tables) <= {table.name for part in ("streams", "solved") for table in tables_of(part)}
    assert {name: rows.schema for name, rows in tables.items()} == {name: RAW_TABLES[name].schema for name in tables}


def test_loops_never_fall_within_a_table(path):
    tables, _ = _extracted(path)

    for name in ("unit_events", "player_stats", "upgrade_events", "unit_positions"):
        loops = tables[name]["game_loop"].to_pylist()
        assert loops == sorted(loops)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_damage_to_a_stream_gives_rows_that_files_take_or_a_reason(path, tmp_path, changes):
    opened = Archive(path.read_bytes())
    members = {name: opened.read(name) for name in ("replay.details", "replay.initData", MEMBER)}
    stream = bytearray(members[MEMBER])
    for place, value in changes:
        stream[place % len(stream)] = value
    damaged = tmp_path / "damaged.SC2Replay"
    damaged.write_bytes(archive_bytes({**members, MEMBER: bytes(stream)}, user_data=opened.header_block))

    assert _reason(damaged, FolderLake(tmp_path / "lake")) in {None, *REASONS}


def test_supply_is_food_divided_by_4096(path):
    tables, _ = _extracted(path)

    assert tables["player_stats"]["supply_used"][0].as_py() == 12.0


def test_places_of_early_builds_are_map_cells_too(tmp_path):
    script = ladder_game(1, game_loops=1_500)
    late, _ = _extracted(write_replay(tmp_path / "late.SC2Replay", script))
    early, _ = _extracted(
        write_replay(tmp_path / "early.SC2Replay", ladder_game(1, game_loops=1_500, base_build=26490))
    )

    for axis in ("x", "y"):
        furthest = [pc.max(tables["unit_events"][axis]).as_py() for tables in (late, early)]
        assert furthest[1] == pytest.approx(furthest[0], abs=8)


def test_two_extractions_give_equal_rows(path):
    first, _ = _extracted(path)
    second, _ = _extracted(path)

    assert first == second


def test_other_bytes_than_at_discovery_are_refused(path):
    with pytest.raises(ReplayError, match="other bytes than at discovery") as error:
        TrackerSource(Settings()).extract(replace(_file(path), sha256="0" * 64), lambda name, batch: None)

    assert error.value.reason == "changed_file"


def test_a_replay_without_tracker_events_is_refused(tmp_path):
    script = replace(ladder_game(1, game_loops=1_500), without=frozenset({"replay.tracker.events"}))

    with pytest.raises(ReplayError) as error:
        _extracted(write_replay(tmp_path / "a.SC2Replay", script))

    assert error.value.reason == "no_tracker_stream"


def test_a_stream_whose_compression_is_damaged_keeps_its_whole_sectors(tmp_path):
    script = ladder_game(1, game_loops=20_000)
    layout = ArchiveLayout(is_single_unit=False)
    path = write_replay(tmp_path / "a.SC2Replay", script, layout=layout)
    whole, _ = _extracted(path)
    content = bytearray(path.read_bytes())
    damaged = None
    for at in range(len(content) - 2_000, len(content) // 2, -500):
        content[at] ^= 0xFF
        path.write_bytes(content)
        try:
            damaged, is_complete = _extracted(path)
        except ReplayError:
            damaged = None
        if damaged is not None and not is_complete:
            break
        content[at] ^= 0xFF

    assert damaged is not None
    [row] = damaged["replays"].to_pylist()
    assert row["tracker_complete"] is False
    assert row["tracker_fault"]
    kept = damaged["unit_events"].num_rows
    assert 0 < kept < whole["unit_events"].num_rows
    assert damaged["unit_events"].drop_columns(["replay_id"]) == whole["unit_events"].slice(0, kept).drop_columns(
        ["replay_id"]
    )


def test_settings_are_named_by_versions_alone():
    shapes, again = TrackerSource(Settings()).shapes(), TrackerSource(Settings(workers=3, batch_replays=7)).shapes()

    assert shapes == again
    assert set(shapes["streams"]) == {"part", "decoder", "schema", "commands"}
    assert set(shapes["solved"]) == {"part", "streams", "solver", "rules", "schema"}


def test_an_empty_stream_is_no_fault():
    assert decode_tracker(b"").fault is None
