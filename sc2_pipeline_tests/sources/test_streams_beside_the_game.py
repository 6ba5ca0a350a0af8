"""What a replay's own events tell comes with the game's rows too, the same as from the tracker source."""

import hashlib
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.sources.conftest import BASE_BUILD

pytestmark = pytest.mark.slow

PLAYED = ("commands", "user_minutes", "chat_messages", "build_steps", "macro_actions")
STREAMS = ("tracker_complete", "tracker_event_count", "game_events_complete", "game_events_build")


def by_tracker(replay):
    parts = {}
    TrackerSource(Settings()).extract(replay, lambda name, batch: parts.setdefault(name, []).append(batch))
    return {name: pa.Table.from_batches(batches) for name, batches in parts.items()}


def but_source(table):
    return table.drop_columns(["source"]).to_pylist()


def test_the_game_brings_what_people_ordered_wrote_and_built(stand_in_source, skirmish):
    tracker, game = by_tracker(skirmish), stand_in_source().tables(skirmish)

    for name in PLAYED:
        told = game[name]
        if name == "chat_messages":
            told = told.filter(pc.is_null(told["pass_player_id"]))
        assert but_source(told) == but_source(tracker[name]) != []
        assert told["source"].unique().to_pylist() == ["sc2"]
    heard = game["chat_messages"].filter(pc.is_valid(game["chat_messages"]["pass_player_id"]))
    assert heard["text"].to_pylist() == [*tracker["chat_messages"]["text"].to_pylist()] * 2
    for name in STREAMS:
        assert game["replays"][name].to_pylist() == tracker["replays"][name].to_pylist() != [None]


def test_without_commands_the_game_alone_speaks(stand_in_source, skirmish):
    plain = stand_in_source(commands=False)
    game = plain.tables(skirmish)

    assert not {"commands", "user_minutes", "build_steps", "macro_actions"} & set(game)
    assert game["chat_messages"]["pass_player_id"].null_count == 0
    assert plain.source.shape() != stand_in_source().source.shape()


def test_a_replay_stripped_of_its_events_is_played_all_the_same(stand_in_source, tmp_path):
    script = replace(
        ladder_game(3, game_loops=1_000, base_build=BASE_BUILD), without=frozenset({"replay.tracker.events"})
    )
    path = write_replay(tmp_path / "stripped.SC2Replay", script)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()

    game = stand_in_source().tables(ReplayFile(replay_id=sha256[:16], sha256=sha256, path=path))

    assert "build_steps" not in game
    assert game["replays"]["tracker_complete"].to_pylist() == [None]
    assert game["player_results"].num_rows > 0
