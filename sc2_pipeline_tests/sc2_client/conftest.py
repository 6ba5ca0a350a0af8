"""A stand-in installation, real replays to play on it, and settings that keep everything in the test's own folder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from sc2_pipeline.sc2_client.instance import Instance, InstanceKeeper
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline_demo import stand_in

SHORT_GAME = "ProbiusOfficial+sc2replay_online_analysis/CN_ZVP.SC2Replay"
TINY_GAME = "manuelseeger+sc2-ai-coach/Equilibrium LE (95) Greek letters in player name.SC2Replay"
OLD_CLIENT_GAME = "Kaszanas+SC2AnonServerPy/11506441_1566325379_303033.SC2Replay"


@dataclass(frozen=True)
class SampleReplay:
    """A real replay with its facts from the manifest."""

    path: Path
    base_build: int
    data_version: str
    game_loops: int

    @property
    def playable(self) -> PlayableReplay:
        return PlayableReplay(content=self.path.read_bytes())


@pytest.fixture(scope="session")
def sample(shared_replays: Path, shared_manifest: list[dict[str, str]]) -> Callable[[str], SampleReplay]:
    """Returns the real replay with that path in the shared folder."""
    rows = {row["file"]: row for row in shared_manifest}

    def of(file: str) -> SampleReplay:
        row = rows[file]
        return SampleReplay(shared_replays / file, int(row["build"]), row["data_version"], int(row["loops"]))

    return of


@pytest.fixture(scope="session")
def short_game(sample: Callable[[str], SampleReplay]) -> SampleReplay:
    """A ladder game of 2,654 loops."""
    return sample(SHORT_GAME)


@pytest.fixture(scope="session")
def tiny_game(sample: Callable[[str], SampleReplay]) -> SampleReplay:
    """A game of 459 loops."""
    return sample(TINY_GAME)


@pytest.fixture
def settings(tmp_path: Path) -> GameSettings:
    """Settings with short timeouts, and with all files in the test's folder."""
    return GameSettings(
        games_folder=tmp_path / "games",
        launch_gap_seconds=0,
        boot_timeout_seconds=30,
        request_timeout_seconds=20,
        quit_timeout_seconds=0.5,
    )


@pytest.fixture
def sc2path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_game: SampleReplay, tiny_game: SampleReplay) -> Path:
    """A game folder, named by SC2PATH, whose programs are the stand-in."""
    folder = stand_in.install(tmp_path / "StarCraftII", [short_game.base_build, tiny_game.base_build])
    monkeypatch.setenv("SC2PATH", str(folder))
    return folder


@pytest.fixture
def misbehave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[stand_in.Control], None]:
    """Tells stand-ins launched from now on what to do wrong."""

    def tell(control: stand_in.Control) -> None:
        path = stand_in.write_control(tmp_path / "control.json", control)
        monkeypatch.setenv(stand_in.CONTROL_VARIABLE, str(path))

    return tell


@pytest.fixture
def keeper(sc2path: Path, settings: GameSettings) -> Iterator[InstanceKeeper]:
    """A keeper whose games are stand-ins; checks afterwards that no process or folder is left."""
    with InstanceKeeper(settings) as kept:
        yield kept
    assert strays(settings) == []


@pytest.fixture
def instance(keeper: InstanceKeeper, short_game: SampleReplay) -> Instance:
    """A running stand-in that can play the short game."""
    return keeper.instance(short_game.base_build, short_game.data_version)


def strays(settings: GameSettings) -> list[str]:
    """Processes whose command line names the games' folder, and folders left in it."""
    folder = str(settings.games_folder)
    found = [str(path) for path in settings.games_folder.iterdir() if path.is_dir()]
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and any(folder in word for word in words):
            found.append(" ".join(words))
    return found
