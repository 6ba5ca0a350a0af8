"""Fixtures that run the command line in this process, and homes for it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sc2_pipeline.cli.app import app
from sc2_pipeline.config import Home
from sc2_pipeline.manifest import Extraction, Manifest, Verdict
from sc2_pipeline.steps.discover import replay_id_of
from sc2_pipeline_demo.synthetic import collection

Command = Callable[..., Result]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs one command, without this machine's own settings."""
    for name in ("SC2_PIPELINE_HOME", "SC2_PIPELINE_FILTERS", "SC2_PIPELINE_WORKERS", "SC2_PIPELINE_SOURCE"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: object) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words])

    return run


def sha256_of(number: int) -> str:
    """An invented hash; its replay id begins with the number."""
    return f"{number:04x}".ljust(64, "e")


HOSTILE_NAME = "a\x1b[2Jb[red]\u202e\u0662.SC2Replay"
"""Clears the screen, contains markup, reverses the text direction, and has a digit of another script."""

VERDICTS = (
    Verdict(replay_id="", status="loaded", stage="load"),
    Verdict(
        replay_id="",
        status="rejected",
        stage="validate",
        reason="long_enough",
        detail="20 game loops (wanted: at least 1000 game loops); APM 2 (wanted: APM at least 10)",
    ),
    Verdict(replay_id="", status="failed", stage="validate", reason="truncated", detail="the archive ends early"),
    Verdict(replay_id="", status="found", stage="discover"),
)


@pytest.fixture
def standing_home(tmp_path: Path) -> Home:
    """A home whose manifest has four replays: loaded, rejected by two rules, failed, and not processed yet."""
    home = Home(tmp_path / "home")
    names = ("first.SC2Replay", "short.SC2Replay", HOSTILE_NAME, "second.SC2Replay")
    ids = [replay_id_of(sha256_of(number)) for number in range(len(names))]
    with Manifest(home.manifest) as manifest:
        manifest.begin_run("run-1", command="run", source="tracker", filters="standard (min_game_loops=1000)")
        manifest.record_files(
            {"path": f"/games/{name}", "replay_id": ids[i], "sha256": sha256_of(i), "file_bytes": 10, "modified_ns": 1}
            for i, name in enumerate(names)
        )
        manifest.record_rule_outcomes(
            "standard (min_game_loops=1000)",
            [
                (ids[0], "long_enough", True, "9000 game loops", "at least 1000 game loops"),
                (ids[1], "long_enough", False, "20 game loops", "at least 1000 game loops"),
                (ids[1], "apm_high_enough", False, "APM 2", "APM at least 10"),
                (ids[1], "wanted_game_mode", True, "1v1", "1v1"),
            ],
        )
        [attempt] = manifest.begin_attempts(
            "run-1", source="tracker", settings_digest="abc", replay_ids=ids[:1]
        ).values()
        manifest.end_attempts([(attempt, "extracted", None, False)])
        manifest.record_extractions(
            [
                Extraction(
                    replay_id=ids[0],
                    part="streams",
                    settings_digest="abc",
                    folder=f"streams/00/{ids[0]}.abc",
                    rows=7,
                    bytes=70,
                    seconds=0.5,
                    is_complete=True,
                )
            ]
        )
        manifest.record_verdicts(
            Verdict(
                replay_id=ids[i],
                status=verdict.status,
                stage=verdict.stage,
                reason=verdict.reason,
                detail=verdict.detail,
            )
            for i, verdict in enumerate(VERDICTS)
        )
        manifest.end_run("run-1", outcome="finished", counts={"loaded": 1})
    return home


GAMES = 6


@pytest.fixture(scope="session")
def games(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with six synthetic games, one of them twice, a truncated file, an empty one, and a folder named like a
    replay."""
    folder = tmp_path_factory.mktemp("games")
    paths = collection(folder, GAMES, seed=5, game_loops=(1_500, 2_500))
    whole = paths[0].read_bytes()
    (folder / "again.SC2Replay").write_bytes(whole)
    (folder / "cut.SC2Replay").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.SC2Replay").write_bytes(b"")
    (folder / "folder.SC2Replay").mkdir()
    return folder


@pytest.fixture(scope="session")
def loaded_home(games: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with those games loaded; tests only read it."""
    home = tmp_path_factory.mktemp("loaded") / "home"
    result = CliRunner().invoke(app, ["run", str(games), "--home", str(home), "--workers", "1", "--json"])
    assert result.exit_code == 0, result.output
    return Home(home)
