"""The game clients, maps and caches on this machine, and the number of instances that fit in memory."""

import os
import platform
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from sc2_pipeline.errors import EngineUnavailableError

FIRST_BUILD_WITH_API = 55958
"""Version 3.16.1; pysc2 refuses older ones, whose binaries have no API."""

INSTANCE_BYTES = 2 * 2**30
"""Memory of one running instance: a rule of thumb, until ``probe`` has measured it."""

_HASH = re.compile(r"[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Install:
    """One installation folder of the game. ``builds`` are the base builds whose executable is present.

    ``data_versions`` are those in the folder's own indices (upper-case hex); empty if it has no such index.
    """

    folder: Path
    executable_name: str
    builds: tuple[int, ...]
    data_versions: tuple[str, ...]
    map_count: int
    cache_folders: tuple[Path, ...]

    @property
    def maps_folder(self) -> Path:
        """Where the game and this package look for maps that replays reference by a local path."""
        return self.folder / "Maps"

    def executable(self, base_build: int) -> Path:
        """The executable of that base build."""
        return self.folder / "Versions" / f"Base{base_build:05d}" / self.executable_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Installs:
    """The installation found, and the folders searched. ``install`` is None if the folder has no game."""

    searched: Path
    install: Install | None
    memory_total_bytes: int
    memory_available_bytes: int

    @property
    def builds(self) -> tuple[int, ...]:
        """Base builds that can be launched, in ascending order."""
        return () if self.install is None else self.install.builds

    def supports(self, base_build: int) -> bool:
        """Whether a client of that base build can be launched here."""
        return base_build in self.builds

    def at_hand(self) -> str:
        """Text for messages: the builds installed, and where they were looked for."""
        if self.install is None:
            return f"none under {self.searched}"
        return f"{', '.join(map(str, self.builds)) or 'none'} under {self.searched}"

    def instances_that_fit(self, instance_bytes: int = INSTANCE_BYTES) -> int:
        """Number of instances that fit in the available memory, each with a replay worker of 450 MB."""
        return self.memory_available_bytes // (instance_bytes + 450 * 2**20)

    def marks(self) -> str:
        """Text that changes with the install: its folder, the size and time of each client, data versions, maps."""
        if self.install is None:
            return ""
        clients = [self.install.executable(build).stat() for build in self.builds]
        seen = (self.install.folder, self.builds, [(client.st_size, client.st_mtime_ns) for client in clients])
        return repr((*seen, self.install.data_versions, self.install.map_count))

    def require(self, base_build: int) -> Install:
        """The installation with that base build; raises EngineUnavailableError if there is none."""
        if self.install is None or not self.supports(base_build):
            raise EngineUnavailableError(missing_build(base_build, self))
        return self.install


def missing_build(base_build: int, installs: Installs) -> str:
    """Error message for a base build that is not installed: the installed ones, and the way out."""
    if base_build < FIRST_BUILD_WITH_API:
        return f"no game client of base build {base_build} has an API (the first is {FIRST_BUILD_WITH_API}); use --source tracker"
    return (
        f"no game client for base build {base_build} (installed: {installs.at_hand()}); "
        "install that client or set SC2PATH, or use --source tracker"
    )


def find() -> Installs:
    """Searches where pysc2 does: ``SC2PATH``, else the platform's default folder. Raises nothing if there is no
    game."""
    config = run_config()
    folder = Path(config.data_dir)
    memory = psutil.virtual_memory()
    return Installs(
        searched=folder,
        install=_install(folder, config._exec_name),
        memory_total_bytes=memory.total,
        memory_available_bytes=memory.available,
    )


def run_config() -> Any:
    """pysc2's run config of this platform: folder, environment and executable name.

    Raises EngineUnavailableError on a platform that the game does not support.
    """
    prepare_pysc2()
    from pysc2 import run_configs  # noqa: PLC0415 - 0.3 s that runs without the game are spared
    from pysc2.lib import sc_process  # noqa: PLC0415
    from pysc2.run_configs.lib import Version  # noqa: PLC0415

    # A complete version keeps pysc2 from using its own table, which ends at 5.0.9.
    any_version = Version("any", FIRST_BUILD_WITH_API, "any", "any")
    try:
        return run_configs.get(version=any_version)
    except sc_process.SC2LaunchError as error:
        raise EngineUnavailableError(
            f"the game does not run on {platform.system()} ({error}); use Windows, macOS or Linux, or --source tracker"
        ) from error


@cache
def prepare_pysc2() -> None:
    """Makes pysc2 importable: registers the API's messages, and parses absl flags, which raise until parsed.

    Our own command line is not passed to absl.
    """
    from absl import flags  # noqa: PLC0415

    from sc2_pipeline.game_messages import register_as_s2clientprotocol  # noqa: PLC0415 - protobuf, which runs without the game may lack

    register_as_s2clientprotocol()

    if not flags.FLAGS.is_parsed():
        flags.FLAGS(["sc2_pipeline"])


def _install(folder: Path, executable_name: str) -> Install | None:
    versions = folder / "Versions"
    if not versions.is_dir():
        return None
    return Install(
        folder=folder,
        executable_name=executable_name,
        builds=_builds(versions, executable_name),
        data_versions=_data_versions(folder),
        map_count=_map_count(folder / "Maps"),
        cache_folders=_cache_folders(folder),
    )


def _builds(versions: Path, executable_name: str) -> tuple[int, ...]:
    builds = []
    for folder in versions.glob("Base*"):
        number = folder.name.removeprefix("Base")
        program = folder / executable_name
        if number.isdigit() and program.is_file() and os.access(program, os.X_OK):
            builds.append(int(number))
    return tuple(sorted(b for b in builds if b >= FIRST_BUILD_WITH_API))


def _data_versions(folder: Path) -> tuple[str, ...]:
    """Build keys of ``.build.info`` and build configurations of the data store, which are named by the same hash."""
    found: set[str] = set()
    index = folder / ".build.info"
    if index.is_file():
        found.update(key.upper() for key in _HASH.findall(_build_keys(index)))
    for config in (folder / "SC2Data" / "config").glob("??/??/*"):
        if _HASH.fullmatch(config.name) and _begins(config, b"# Build Configuration"):
            found.add(config.name.upper())
    return tuple(sorted(found))


def _build_keys(index: Path) -> str:
    """The column "Build Key" of a ``.build.info`` file, whose first line holds the column names."""
    lines = index.read_text(encoding="utf-8", errors="replace").splitlines()
    names = [name.partition("!")[0] for name in lines[0].split("|")] if lines else []
    if "Build Key" not in names:
        return ""
    column = names.index("Build Key")
    rows = (line.split("|") for line in lines[1:])
    return "\n".join(row[column] for row in rows if len(row) > column)


def _begins(path: Path, text: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(text)) == text
    except OSError:
        return False


def _map_count(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*.[sS][cC]2[mM]ap")) if folder.is_dir() else 0


def _cache_folders(folder: Path) -> tuple[Path, ...]:
    """Existing folders of downloaded maps: inside the installation (Linux), or the launcher's own."""
    usual = {
        "Windows": [Path(os.environ.get("PROGRAMDATA", "C:/ProgramData")) / "Blizzard Entertainment/Battle.net/Cache"],
        "Darwin": [Path("/Users/Shared/Blizzard/Battle.net/Cache")],
    }.get(platform.system(), [])
    candidates = [folder / "Battle.net" / "Cache", *usual]
    return tuple(candidate for candidate in candidates if candidate.is_dir())
