import hashlib
import time

import pytest

from sc2_pipeline import pipeline
from sc2_pipeline.config import Settings
from sc2_pipeline.manifest import Manifest
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.hostile_replays import HOSTILE


@pytest.mark.slow
def test_every_hostile_file_has_its_reason_and_costs_little_and_an_honest_game_beside_them_is_loaded(tmp_path):
    folder = tmp_path / "replays"
    honest = write_replay(folder / "honest.SC2Replay", ladder_game(1, game_loops=2_000)).read_bytes()
    contents = {"honest": honest, **{hostile.name: hostile.content() for hostile in HOSTILE}}
    for number, content in enumerate(contents.values()):
        (folder / f"{number}.SC2Replay").write_bytes(content)
    settings = Settings(home=tmp_path / "home", workers=1, filters="all", replay_processor_seconds=3)

    began = time.process_time()
    pipeline.run([folder], settings)
    seconds = time.process_time() - began

    with Manifest(settings.home / "manifest.sqlite") as manifest:
        rows = {row["replay_id"]: row["reason"] for row in manifest.table("replays")}
    reasons = {name: rows[hashlib.sha256(content).hexdigest()[:16]] for name, content in contents.items()}
    assert reasons == {"honest": None, **{hostile.name: hostile.reason for hostile in HOSTILE}}
    assert seconds < 3 * len(contents)
