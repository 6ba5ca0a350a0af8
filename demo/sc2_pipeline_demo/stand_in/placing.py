"""Installs the stand-in at the game's path, so that launching the game starts it."""

import platform
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

import sc2_pipeline
import sc2_pipeline_demo
from sc2_pipeline.errors import EngineUnavailableError

_EXECUTABLES = {"Linux": "SC2_x64", "Darwin": "SC2.app/Contents/MacOS/SC2"}
_PACKAGES = (sc2_pipeline.__file__, sc2_pipeline_demo.__file__)


def install(folder: Path, builds: Iterable[int]) -> Path:
    """Creates a folder for ``SC2PATH`` with one executable per base build and an empty Maps folder; returns the folder.

    Raises EngineUnavailableError on Windows, where a script cannot serve as the executable.
    """
    system = platform.system()
    if system not in _EXECUTABLES:
        raise EngineUnavailableError(
            f"the stand-in game does not run on {system}; use Linux or macOS, or --source tracker"
        )
    for build in builds:
        program = folder / "Versions" / f"Base{build:05d}" / _EXECUTABLES[system]
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(_launcher(build), encoding="utf-8")
        program.chmod(0o755)
    (folder / "Maps").mkdir(parents=True, exist_ok=True)
    return folder


def _launcher(base_build: int) -> str:
    """A script that execs this Python, so that the launched process is the stand-in itself."""
    # In a clone, the two packages are in different folders.
    folders = list(dict.fromkeys(str(Path(package).resolve().parents[1]) for package in _PACKAGES))
    # Last on the path, so that other packages in site-packages do not shadow Python's own modules, as enum34 would.
    start = f"import runpy, sys; sys.path.extend({folders!r}); "
    start += "runpy.run_module('sc2_pipeline_demo.stand_in', run_name='__main__', alter_sys=True)"
    command = f"{shlex.quote(sys.executable)} -c {shlex.quote(start)}"
    return f'#!/bin/sh\nexec {command} -baseBuild {base_build} "$@"\n'
