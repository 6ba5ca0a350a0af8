"""The game plays long replays first, so that no run ends with one worker's long game alone."""

import os

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline.discovery import discover
from sc2_pipeline.pipeline.extraction import Extracting
from sc2_pipeline.pipeline.session import open_session
from sc2_pipeline.sources.choose import SourceSpec
from sc2_pipeline.steps.validate import read_facts
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

pytestmark = pytest.mark.skipif(
    os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program"
)

OLD, NEW = 75689, 86383
LENGTHS = {"old short": (OLD, 400), "old long": (OLD, 900), "new short": (NEW, 500), "new longest": (NEW, 1_200)}


def test_long_replays_come_first_within_a_build_and_the_build_with_the_longest_first(tmp_path, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(stand_in.install(tmp_path / "StarCraftII", (OLD, NEW))))
    for seed, (name, (build, loops)) in enumerate(LENGTHS.items()):
        write_replay(tmp_path / "games" / f"{name}.SC2Replay", ladder_game(seed, game_loops=loops, base_build=build))
    settings = Settings(home=tmp_path / "home", source="sc2", workers=1)

    with open_session(settings, command="run") as session:
        found = discover(session, [tmp_path / "games"]).replays
        facts = {i: read_facts(replay, settings) for i, replay in found.items()}
        orders = {
            source: [found[i].path.stem for i in extracting.in_order(facts)]
            for source in ("sc2", "tracker")
            if (extracting := Extracting(session, SourceSpec(name=source, settings=settings)))
        }

    assert orders["sc2"] == ["new longest", "new short", "old long", "old short"]
    assert [name.partition(" ")[0] for name in orders["tracker"]] == ["old", "old", "new", "new"]
