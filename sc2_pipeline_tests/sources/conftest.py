"""The sc2 source on a stand-in game, with a short synthetic replay."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.sc2_client import instance as instances
from sc2_pipeline.sc2_client.traits import ASSUMED, GameTraits
from sc2_pipeline.sources import sc2
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.parquet import as_written
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

GAME_LOOPS = 5_000
"""Long enough that some units are killed and gas is mined."""
BASE_BUILD = 92440

Tables = dict[str, pa.Table]


@pytest.fixture(scope="session")
def skirmish(tmp_path_factory: pytest.TempPathFactory) -> ReplayFile:
    """A synthetic ladder game of 5,000 loops."""
    path = tmp_path_factory.mktemp("skirmish") / "skirmish.SC2Replay"
    write_replay(path, ladder_game(3, game_loops=GAME_LOOPS, base_build=BASE_BUILD))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return ReplayFile(replay_id=sha256[:16], sha256=sha256, path=path)


class StandInSource:
    """An sc2 source that runs the stand-in, and its rows."""

    def __init__(self, folder: Path, traits: GameTraits, **settings: object) -> None:
        self.source = sc2.Sc2Source(Settings(home=folder, step_mul=80, **settings), traits)  # type: ignore[arg-type]

    def tables(self, replay: ReplayFile) -> Tables:
        """All rows of one replay by table, without the game's own data; raises what the source raises."""
        batches: dict[str, list[pa.RecordBatch]] = {}
        assert self.source.extract(replay, lambda name, batch: batches.setdefault(name, []).append(batch))
        return {name: _as_read(name, given) for name, given in batches.items() if not name.endswith("_types")}


def _as_read(name: str, given: list[pa.RecordBatch]) -> pa.Table:
    table = RAW_TABLES[name]
    return pa.Table.from_batches([as_written(table, batch) for batch in given], table.file_schema).cast(table.schema)


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """An element for each game that is launched."""
    counted: list[object] = []
    real = instances.GameProcess

    def launched(*arguments: object) -> object:
        counted.append(arguments)
        return real(*arguments)

    monkeypatch.setattr(instances, "GameProcess", launched)
    return counted


@pytest.fixture
def stand_in_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., StandInSource]]:
    """Opens sources: ``(control, traits, **settings)``; closes them afterwards, and checks that no game folder is
    left."""
    monkeypatch.setenv("SC2PATH", str(stand_in.install(tmp_path / "StarCraftII", [BASE_BUILD])))
    games = tmp_path / "games"
    real = sc2.game_settings
    monkeypatch.setattr(
        sc2,
        "game_settings",
        lambda settings: dataclasses.replace(
            real(settings), games_folder=games, launch_gap_seconds=0, quit_timeout_seconds=0.5
        ),
    )
    opened = []

    def open_one(
        control: stand_in.Control | None = None, traits: GameTraits = ASSUMED, **settings: object
    ) -> StandInSource:
        written = stand_in.write_control(tmp_path / "control.json", control or stand_in.Control())
        monkeypatch.setenv(stand_in.CONTROL_VARIABLE, str(written))
        opened.append(StandInSource(tmp_path / "home", traits, **settings))
        return opened[-1]

    yield open_one
    for one in opened:
        one.source.close()
    assert not games.exists() or [path for path in games.iterdir() if path.is_dir()] == []
