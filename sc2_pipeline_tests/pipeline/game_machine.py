"""A machine with the stand-in as its game, for whole runs in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.stand_in import CONTROL_VARIABLE, Control
from sc2_pipeline_tests.cli.programs import program as sc2_pipeline
from sc2_pipeline_tests.conftest import PROJECT

TRIES = 2


class Machine:
    """A machine with the stand-in as its game, and a temporary folder of its own to look for what is left."""

    def __init__(self, folder: Path, builds: tuple[int, ...]) -> None:
        self.folder = folder
        self.games = folder / "temporary"
        self.games.mkdir()
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "TMPDIR": str(self.games),
            "SC2PATH": str(stand_in.install(folder / "StarCraftII", builds)),
            "SC2_PIPELINE_TRIES": str(TRIES),
            "SC2_PIPELINE_BOOT_TIMEOUT_SECONDS": "12",
            "SC2_PIPELINE_REQUEST_TIMEOUT_SECONDS": "5",
            "SC2_PIPELINE_START_TIMEOUT_SECONDS": "8",
            "SC2_PIPELINE_MEMORY_CEILING_MB": "400",
            "SC2_PIPELINE_LAUNCH_GAP_SECONDS": "0",
        }

    def misbehave(self, control: Control) -> Path:
        """Writes the control file of every stand-in launched from now on, and says where."""
        path = stand_in.write_control(self.folder / "control.json", control)
        self.environment[CONTROL_VARIABLE] = str(path)
        return path

    def run(self, *words: object, program: str = "") -> subprocess.CompletedProcess[str]:
        """``sc2-pipeline run`` with those words, or a program of one's own."""
        (self.folder / "program.py").write_text(program, encoding="utf-8")
        own = [sys.executable, str(self.folder / "program.py"), *map(str, words)]
        return subprocess.run(
            own if program else sc2_pipeline("run", *words),
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def left_behind(self) -> list[str]:
        """Processes of the game, folders of it and of the workers that are still there a moment after the end."""
        mine = [p for p in psutil.process_iter(["cmdline"]) if self._is_of_this_machine(p)]
        _, alive = psutil.wait_procs(mine, timeout=60)
        folders = [path for path in self.games.glob("**/*-*") if path.is_dir()]
        return [str(p) for p in alive] + [str(path) for path in folders]

    def _is_of_this_machine(self, process: psutil.Process) -> bool:
        words = process.info["cmdline"] or []
        return any(str(self.folder) in word for word in words)
