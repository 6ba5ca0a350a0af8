"""The installed program in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

# As the console script starts: worker processes import this main module again, so it guards itself.
_MAIN = "import sys; sys.argv[0] = 'sc2-pipeline'; from sc2_pipeline.__main__ import main; main()"


def program(*words: object) -> list[str]:
    """The words that start the program."""
    return [sys.executable, "-c", _MAIN, *map(str, words)]


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without what would steer the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SC2_PIPELINE_")}
    return kept | changes


def run_program(*words: object, cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end, output as text."""
    return subprocess.run(
        program(*words),
        cwd=cwd,
        env=environment(**changes),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
