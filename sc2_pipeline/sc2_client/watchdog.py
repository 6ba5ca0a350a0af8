"""Watchdog process of one game: when the game's owner is gone for any reason, it ends the game and removes its folder.

``python -m sc2_pipeline.sc2_client.watchdog OWNER_PID OWNER_STARTED FOLDER``
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sc2_pipeline.sc2_client.stray_processes import Owner, end_game


def start_watchdog(owner: Owner, folder: Path) -> subprocess.Popen[bytes]:
    """Starts the watchdog of one game, in its own session, so that signals to the owner's group do not reach it."""
    return subprocess.Popen(
        [sys.executable, "-m", "sc2_pipeline.sc2_client.watchdog", str(owner.pid), str(owner.started), str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder.parent,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        **own_group(),
    )


def own_group() -> dict[str, Any]:
    """Popen arguments that put the child in its own process group, for this platform."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def main(owner_pid: str, owner_started: str, folder: str) -> None:
    """Waits for the owner's end, then cleans up after it."""
    Owner(int(owner_pid), int(owner_started)).wait()
    end_game(Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
