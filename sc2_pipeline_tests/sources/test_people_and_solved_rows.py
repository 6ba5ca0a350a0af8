"""What people ordered, wrote and built, as rows."""

import hashlib
from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.sources.base import ReplayFile, shape_digest
from sc2_pipeline.sources.solved import give_solved, record_of_rows
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline.steps.check import check_batch
from sc2_pipeline.steps.discover import replay_paths
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

PLAYED = {"commands", "user_minutes", "chat_messages", "build_steps", "macro_actions"}
GAME_EVENTS = "replay.game.events"


def _extracted(path, *, commands=True):
    return _extracted_to(path, commands=commands)[0]


def _extracted_to(path, *, commands=True):
    """The tables, and whether the stream was read to its end."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    parts = {}
    is_complete = TrackerSource(Settings(commands=commands)).extract(
        ReplayFile(replay_id=digest[:16], sha256=digest, path=path),
        lambda name, batch: parts.setdefault(name, []).append(batch),
    )
    return {name: pa.Table.from_batches(batches) for name, batches in parts.items()}, is_complete


@pytest.fixture(scope="module")
def replay(shared_replays):
    return shared_replays / "Blizzard+s2protocol" / "2018_05_17_Z_Raphtor_VS_T_Tocon.SC2Replay"


@pytest.fixture(scope="module")
def tables(replay):
    return _extracted(replay)


def test_rows_have_their_declared_schemas_and_pass_its_checks(tables):
    assert set(tables) >= PLAYED - {"chat_messages"}
    assert {name: rows.schema for name, rows in tables.items()} == {name: RAW_TABLES[name].schema for name in tables}
    checked = check_batch(tables, max_bad_row_share=0.0)
    assert checked.quarantined == ()


def test_without_commands_the_tracker_stream_alone_is_read(replay, tables):
    plain = _extracted(replay, commands=False)

    assert not set(plain) & PLAYED
    assert plain["unit_events"] == tables["unit_events"]
    assert plain["replays"]["game_events_complete"].to_pylist() == [None]
    shapes = [TrackerSource(Settings(commands=wanted)).shapes() for wanted in (True, False)]
    assert [sorted(of_parts) for of_parts in shapes] == [["solved", "streams"], ["streams"]]
    assert shape_digest(shapes[0]["streams"]) != shape_digest(shapes[1]["streams"])


def _solved_again(tables):
    """Build steps and macro actions from the other rows alone."""
    [replay_id] = set(tables["replays"]["replay_id"].to_pylist())
    parts = {}

    def read(name):
        return tables.get(name, RAW_TABLES[name].schema.empty_table())

    give_solved(replay_id, record_of_rows(read), lambda name, batch: parts.setdefault(name, []).append(batch))
    return {name: pa.Table.from_batches(batches) for name, batches in parts.items()}


def test_rows_of_a_game_solve_to_what_its_file_solved_to(tables):
    assert _solved_again(tables) == {name: tables[name] for name in ("build_steps", "macro_actions")}


@given(seed=st.integers(0, 10_000))
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_of_any_made_up_game_solve_to_what_its_file_solved_to(tmp_path, seed):
    found = _extracted(write_replay(tmp_path / f"{seed}.SC2Replay", ladder_game(seed, game_loops=3_000)))

    assert _solved_again(found) == {name: found[name] for name in ("build_steps", "macro_actions") if name in found}


def test_commands_add_up_to_those_of_the_minutes(tables):
    by_user = Counter(tables["commands"]["user_id"].to_pylist())
    minutes = tables["user_minutes"].to_pylist()

    assert sum(by_user.values()) == sum(minute["command_count"] for minute in minutes) > 1000
    players = set(zip(*(tables["commands"][name].to_pylist() for name in ("user_id", "player_id")), strict=True))
    assert players == {(minute["user_id"], minute["player_id"]) for minute in minutes if minute["command_count"]}


def test_injects_are_aimed_at_hatcheries_and_creep_spreads(tables):
    kinds = Counter(tables["macro_actions"]["kind"].to_pylist())
    injected = {row["target_unit_type"] for row in tables["macro_actions"].to_pylist() if row["kind"] == "inject"}

    assert kinds["inject"] > 10
    assert kinds["creep_tumor"] > 5
    assert injected <= {"Hatchery", "Lair", "Hive"}


def test_a_damaged_game_event_stream_is_marked_and_fails_nothing(tmp_path, replay):
    script = ladder_game(1, game_loops=3_000)
    path = write_replay(tmp_path / "a.SC2Replay", replace(script, without=frozenset({GAME_EVENTS})))

    [row] = _extracted(path)["replays"].to_pylist()

    assert row["game_events_complete"] is None
    damaged = _damaged_in_game_events(replay, tmp_path / "damaged.SC2Replay")
    rows = _extracted(damaged)
    [row] = rows["replays"].to_pylist()
    assert row["tracker_complete"]
    assert row["game_events_complete"] is False
    assert row["game_events_fault"]
    assert rows["build_steps"].num_rows > 100


def _damaged_in_game_events(replay, path):
    """The replay with one byte changed so that its game events, and nothing else, no longer decompress."""
    whole = replay.read_bytes()
    members = {name: Archive(whole).read_prefix(name)[0] for name in ("replay.tracker.events", "replay.details")}
    for at in range(4_000, len(whole), 4_999):
        content = bytearray(whole)
        content[at] ^= 0xFF
        archive = Archive(bytes(content))
        kept = all(archive.read_prefix(name)[0] == value for name, value in members.items())
        if kept and archive.read_prefix(GAME_EVENTS)[1] is not None:
            path.write_bytes(content)
            return path
    raise AssertionError("no byte of the file belongs to game events alone")


@pytest.mark.slow
def test_rows_of_every_real_replay_are_the_stream_to_the_last_event_and_pass_their_checks(shared_replays):
    readings, reasons = Counter(), Counter()
    for path in replay_paths([shared_replays]):
        try:
            found, is_complete = _extracted_to(path)
        except ReplayError as error:
            reasons[error.reason] += 1
            continue
        reasons["loaded" if is_complete else "incomplete"] += 1
        [row] = found["replays"].to_pylist()
        assert row["tracker_event_count"] * 0.8 < _events_in_rows(found), path.name
        played = {name: rows for name, rows in found.items() if name in PLAYED}
        assert check_batch(played, max_bad_row_share=0.0).quarantined == (), path.name
        readings[row["game_events_complete"]] += 1
        solved = {name: rows for name, rows in found.items() if name in ("build_steps", "macro_actions")}
        assert _solved_again(found) == solved, path.name
        assert row["game_events_complete"] or row["game_events_fault"] or row["game_events_complete"] is None
    assert readings[True] > 120
    assert reasons == {
        "loaded": 138,
        "incomplete": 1,
        "no_tracker_stream": 6,
        "corrupt_archive": 1,
        "empty_archive": 1,
    }


def _events_in_rows(found):
    """How many events of the stream are in rows, none of them twice: all but player setups, and positions of no unit."""
    names = [name for name in ("unit_events", "player_stats", "upgrade_events", "unit_positions") if name in found]
    indexes = [index for name in names for index in pc.unique(found[name]["event_index"]).to_pylist()]
    assert len(indexes) == len(set(indexes))
    return len(indexes)
