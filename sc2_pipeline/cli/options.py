"""Options shared by several commands."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from sc2_pipeline.cli.setting_options import setting_option
from sc2_pipeline.cli.terminal import shown
from sc2_pipeline.config import Home, read_settings
from sc2_pipeline.packs import outermost


def existing_paths(paths: list[Path] | None) -> list[Path] | None:
    """The paths, also of members of packs; a usage error for one that does not exist. Files that cannot be read pass: they
    are recorded as failed replays."""
    for path in paths or ():
        # Path.exists raises for names too long for a file, as members of packs may have.
        if not os.path.exists(outermost(path)):  # noqa: PTH110
            raise typer.BadParameter(f"path {shown(str(path))!r} does not exist.")
    return paths


PathsArgument = Annotated[
    list[Path],
    typer.Argument(callback=existing_paths, metavar="PATH", help="Replay files, ZIP files, or folders to search."),
]
HomeOption = Annotated[Path | None, setting_option("home")]
WorkersOption = Annotated[int | None, setting_option("workers")]
LimitOption = Annotated[int, typer.Option("--limit", min=0, help="Rows printed at most; 0 prints all.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]


def home_of(home: Path | None) -> Home:
    """The home at that path; raises SettingsError."""
    return Home(read_settings({"home": home}).home)


def command_line(*words: str, home: Path | None = None) -> str:
    """A command quoted for this machine's shell; names ``home`` if it is not the default one."""
    extra = [] if home is None or home == read_settings({}).home else ["--home", str(home)]
    parts = ["sc2-pipeline", words[0], *extra, *words[1:]]
    return subprocess.list2cmdline(parts) if sys.platform == "win32" else shlex.join(parts)
