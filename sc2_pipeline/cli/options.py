"""Options shared by several commands."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from sc2_pipeline.cli.setting_options import setting_option
from sc2_pipeline.config import Home, read_settings

PathsArgument = Annotated[
    list[Path],
    # Unreadable files are accepted here and recorded as failed replays.
    typer.Argument(exists=True, readable=False, metavar="PATH", help="Replay files, ZIP files, or folders to search."),
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
