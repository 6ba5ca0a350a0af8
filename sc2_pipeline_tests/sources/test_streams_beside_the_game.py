"""What the game shows comes beside what the replay's own streams say, and says nothing of those."""

import hashlib
from dataclasses import replace

import pyarrow as pa
import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline.tables import tables_of
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.sources.conftest import BASE_BUILD

pytestmark = pytest.mark.slow


def by_tracker(replay, **options):
    parts = {}
    source = TrackerSource(Settings(), **options)
    source.extract(replay, lambda name, batch: parts.setdefault(name, []).append(batch))
    return {name: pa.Table.from_batches(batches) for name, batches in parts.items()}


def test_the_game_gives_what_it_observes_alone(stand_in_source, skirmish):
    tracker, game = by_tracker(skirmish), stand_in_source().tables(skirmish)

    assert set(game) <= {table.name for table in tables_of("observation")}
    assert game["chat_messages"]["pass_player_id"].null_count == 0
    assert game["chat_messages"]["text"].to_pylist() == [*tracker["chat_messages"]["text"].to_pylist()] * 2
    assert {tuple(rows["source"].unique().to_pylist()) for rows in game.values()} == {("sc2",)}


def test_what_is_read_of_streams_changes_nothing_for_the_game(stand_in_source):
    assert stand_in_source(commands=False).source.shapes() == stand_in_source().source.shapes()


def test_a_replay_stripped_of_its_events_is_played_all_the_same(stand_in_source, tmp_path):
    script = replace(
        ladder_game(3, game_loops=1_000, base_build=BASE_BUILD), without=frozenset({"replay.tracker.events"})
    )
    path = write_replay(tmp_path / "stripped.SC2Replay", script)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    replay = ReplayFile(replay_id=sha256[:16], sha256=sha256, path=path)

    game = stand_in_source().tables(replay)
    streams = by_tracker(replay, needs_tracker=False)

    assert game["player_results"].num_rows > 0
    assert "build_steps" not in streams
    assert streams["commands"].num_rows > 0
    assert streams["replays"]["tracker_complete"].to_pylist() == [None]
