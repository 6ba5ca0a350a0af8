"""Checks of ``doctor``: the machine, package versions, and the home."""

import importlib
import importlib.metadata
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import EngineError, EngineUnavailableError, HomeError, LakeError, SettingsError
from sc2_pipeline.extras import EXTRAS, install_command, is_installed
from sc2_pipeline.manifest import read_only

State = Literal["ok", "note", "bad"]

PACKAGE = "sc2-pipeline"
FREE_BYTES_WANTED = 2 * 10**9
MEMORY_PER_WORKER_BYTES = 500 * 2**20
"""A worker's peak on real replays is below 400 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Result of one check. ``note``: works, at the stated cost; ``bad``: something will not work until it is fixed."""

    name: str
    state: State
    said: str


def findings(settings: Settings) -> Iterator[Finding]:
    """Results of all checks, in the order in which a run depends on them."""
    place = Home(settings.home)
    yield _python()
    yield from _packages()
    if is_installed("game"):
        yield _protobuf()
    yield _machine(settings.workers)
    yield _writable(place.root)
    yield _disk(place.root)
    yield _lake(settings)
    yield _manifest(place)
    yield _warehouse(place)
    if is_installed("game"):
        yield _game(place)
        yield from _game_starts(settings)


def _python() -> Finding:
    said = f"{platform.python_version()} on {platform.platform()}"
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding(name="python", state="bad", said=f"{said}; install Python 3.11, 3.12 or 3.13")
    return Finding(name="python", state="ok", said=said)


def _packages() -> Iterator[Finding]:
    try:
        needed = [Requirement(text) for text in importlib.metadata.requires(PACKAGE) or []]
    except importlib.metadata.PackageNotFoundError:
        yield Finding(
            name="packages", state="note", said=f"{PACKAGE} is not installed, so its needs cannot be compared"
        )
        return
    yield _compared("packages", [r for r in needed if _is_needed(r, "")])
    for extra in EXTRAS:
        if is_installed(extra):
            yield _compared(f"extra {extra}", [r for r in needed if not _is_needed(r, "") and _is_needed(r, extra)])
        else:
            said = f"not installed; where it is wanted, add it with {install_command(extra)}"
            yield Finding(name=f"extra {extra}", state="note", said=said)


def _is_needed(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _compared(name: str, needed: list[Requirement]) -> Finding:
    wrong = [text for requirement in needed if (text := _difference(requirement)) is not None]
    if wrong:
        return Finding(name=name, state="bad", said=f"{'; '.join(wrong)}; install with uv, or from requirements.txt")
    said = ", ".join(f"{each.name} {importlib.metadata.version(each.name)}" for each in needed)
    return Finding(name=name, state="ok", said=said)


def _difference(needed: Requirement) -> str | None:
    try:
        installed = importlib.metadata.version(needed.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{needed.name} {needed.specifier} is missing"
    fits = needed.specifier.contains(installed, prereleases=True)
    return None if fits else f"{needed.name} is {installed}, tried with {needed.specifier}"


def _protobuf() -> Finding:
    try:
        kind = importlib.import_module("google.protobuf.internal.api_implementation").Type()
        importlib.import_module("sc2_pipeline.game_messages")
    except (ImportError, TypeError) as error:
        return Finding(
            name="protobuf", state="bad", said=f"the game's messages cannot be made ({error}); reinstall protobuf"
        )
    version = importlib.metadata.version("protobuf")
    if kind == "python":
        said = f"{version} runs in plain Python, 28 to 115 times slower than upb; reinstall protobuf for this platform"
        return Finding(name="protobuf", state="note", said=said)
    return Finding(name="protobuf", state="ok", said=f"{version}, implementation {kind}")


def _machine(workers: int) -> Finding:
    import psutil  # noqa: PLC0415 - only the doctor asks

    available = psutil.virtual_memory().available
    needed = workers * MEMORY_PER_WORKER_BYTES
    said = f"{os.cpu_count()} cores, {_gigabytes(available)} of memory free, {workers} workers by default"
    if available < needed:
        return Finding(
            name="machine", state="note", said=f"{said}, which may need {_gigabytes(needed)}; give --workers 1"
        )
    return Finding(name="machine", state="ok", said=said)


def _gigabytes(count: int) -> str:
    return f"{count / 10**9:.1f} GB"


def _standing(folder: Path) -> Path:
    """The folder, or its nearest existing parent."""
    return next((place for place in (folder, *folder.absolute().parents) if place.exists()), Path(folder.anchor or "."))


def _writable(home: Path) -> Finding:
    place = _standing(home)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        said = f"{home} cannot be written ({error.strerror or error}); give another --home or the right to write"
        return Finding(name="home", state="bad", said=said)
    said = f"{home} can be written" if place == home else f"{home} does not exist yet and can be made"
    return Finding(name="home", state="ok", said=said)


def _disk(home: Path) -> Finding:
    free = shutil.disk_usage(_standing(home)).free
    if free < FREE_BYTES_WANTED:
        said = f"{_gigabytes(free)} free; a replay takes about 0.7 MB; free some"
        return Finding(name="disk", state="note", said=said)
    return Finding(name="disk", state="ok", said=f"{_gigabytes(free)} free")


def _lake(settings: Settings) -> Finding:
    if settings.lake is None:
        return Finding(name="lake", state="ok", said="in the home")
    from sc2_pipeline.lake import open_lake  # noqa: PLC0415 - pyarrow

    try:
        open_lake(settings).check()
    except (SettingsError, LakeError) as error:
        return Finding(name="lake", state="bad", said=str(error))
    return Finding(name="lake", state="ok", said=f"{settings.lake} can be written")


def _manifest(place: Home) -> Finding:
    if not place.manifest.exists():
        if place.warehouse.exists():
            said = f"{place.manifest} is not there and a warehouse is: the next run makes it anew; `sc2-pipeline verify` says more"
            return Finding(name="manifest", state="note", said=said)
        return Finding(name="manifest", state="ok", said="none yet; the first run makes it")
    try:
        [check, *_] = read_only(place.manifest, "pragma quick_check")
        [counted] = read_only(place.manifest, "select count(*) as replays from replays")
        [version] = read_only(place.manifest, "pragma user_version")
    except HomeError as error:
        return Finding(name="manifest", state="bad", said=str(error))
    if check["quick_check"] != "ok":
        said = f"{place.manifest} is damaged ({check['quick_check']}); `sc2-pipeline verify --repair` makes it anew"
        return Finding(name="manifest", state="bad", said=said)
    said = (
        f"version {version['user_version']}, {counted['replays']} replays; `sc2-pipeline verify` reads the whole home"
    )
    return Finding(name="manifest", state="ok", said=said)


def _warehouse(place: Home) -> Finding:
    import duckdb  # noqa: PLC0415

    from sc2_pipeline.cli.published_state import publication  # noqa: PLC0415
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415
    from sc2_pipeline.sql_models import read_models  # noqa: PLC0415
    from sc2_pipeline.warehouse.rebuild import stale_models  # noqa: PLC0415

    if not (place.manifest.exists() or place.warehouse.exists()):
        return Finding(name="warehouse", state="ok", said=f"none yet; DuckDB {duckdb.__version__} is at hand")
    try:
        with opened_warehouse(place) as connection:
            [(replays,)] = connection.execute("select count(distinct replay_id) from ops.loads").fetchall()
            models = read_models()
            stale = stale_models(connection, models)
        published = publication(place)
    except (HomeError, duckdb.Error) as error:
        return Finding(name="warehouse", state="bad", said=f"{error}")
    said = f"{replays} replays, {len(models)} models, DuckDB {duckdb.__version__}; {published.said}"
    if stale:
        said = f"{said}; the next run rebuilds {len(stale)} models of another release"
    return Finding(name="warehouse", state="ok" if published.state == "current" and not stale else "note", said=said)


def _game(place: Home) -> Finding:
    from sc2_pipeline.sc2_client.installs import find  # noqa: PLC0415 - pysc2 takes its time
    from sc2_pipeline.sc2_client.traits import TRAITS_FILE, read_traits  # noqa: PLC0415

    try:
        installs = find()
        traits = read_traits(place.root / TRAITS_FILE)
    except EngineUnavailableError as error:
        return Finding(name="game", state="note", said=str(error))
    except SettingsError as error:
        return Finding(name="game", state="bad", said=str(error))
    install = installs.install
    if install is None or not install.builds:
        said = f"none under {installs.searched}: --source tracker works, sc2 does not; set SC2PATH to an installed game"
        return Finding(name="game", state="note", said=said)
    caches = ", ".join(map(str, install.cache_folders)) or "none"
    said = (
        f"base builds {installs.at_hand()}; data versions {', '.join(install.data_versions) or 'unknown'}; "
        f"{install.map_count} maps; Battle.net caches: {caches}; "
        f"memory for {installs.instances_that_fit(traits.instance_bytes)} instances of "
        f"{_gigabytes(traits.instance_bytes)} ({f'{traits.game_version} probed' if traits.game_version else 'not probed'})"
    )
    return Finding(name="game", state="ok", said=said)


def _game_starts(settings: Settings) -> Iterator[Finding]:
    """One start of each installed build, which is asked for its version and told to quit."""
    from sc2_pipeline.sc2_client.installs import find  # noqa: PLC0415 - as above
    from sc2_pipeline.sc2_client.instance import Instance  # noqa: PLC0415
    from sc2_pipeline.sc2_client.launch import GameVersion  # noqa: PLC0415
    from sc2_pipeline.sources.sc2 import game_settings  # noqa: PLC0415

    try:
        builds = find().builds
    except EngineUnavailableError:
        return
    for build in builds:
        name, begun = f"game {build}", time.monotonic()
        try:
            instance = Instance(GameVersion(build, None), game_settings(settings))
        except (EngineError, EngineUnavailableError) as error:
            yield Finding(
                name=name, state="bad", said=f"{error}; reinstall that client, or mend what it says is missing"
            )
            continue
        seconds = time.monotonic() - begun
        instance.close()
        said = f"starts in {seconds:.1f} s: {instance.ping.game_version}, data version {instance.ping.data_version or 'untold'}"
        yield Finding(name=name, state="ok", said=said)
