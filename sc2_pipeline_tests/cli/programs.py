"""Runs the installed program in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

# Same as the console script: worker processes import the main module again, so it needs its own guard.
_MAIN = "import sys; sys.argv[0] = 'sc2-pipeline'; from sc2_pipeline.__main__ import main; main()"


def program(*words: object) -> list[str]:
    """The command line that starts the program."""
    return [sys.executable, "-c", _MAIN, *map(str, words)]


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without variables that configure the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SC2_PIPELINE_")}
    return kept | changes


def run_program(*words: object, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Runs the program until it ends, with output as text."""
    return subprocess.run(
        program(*words),
        cwd=cwd,
        env=environment(**changes),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
