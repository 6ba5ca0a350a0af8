"""Finds a replay's map in the installation, or reports it as missing with the places searched."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sc2_pipeline.errors import EngineError
from sc2_pipeline.sc2_client.installs import Install

_SHOWN = 4

STANDARD_DATA = {
    f"{hashlib.sha256(f'Standard Data: {name}.SC2Mod'.encode()).hexdigest()}.s2ma": name
    for name in ("Core", "Liberty", "Swarm", "Void")
}
"""Names, by file, of dependencies that every client has: such a cache file holds only this text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayableReplay:
    """What the game gets of a replay, and what the file says about its map.

    ``map_handles`` are the names of the Battle.net cache files that the replay lists, dependencies first and the map
    last (sha256 in hex, then the extension: ``..0f.s2ma``); none for games made through the API. They are used to
    explain why a replay does not start, never to refuse one in advance.
    """

    content: bytes
    map_name: str = ""
    map_handles: tuple[str, ...] = ()


def map_data(local_map_path: str, install: Install) -> bytes | None:
    """Bytes of the map that the replay references by path. None if the game finds the map itself: no path is given, or
    the file exists at that path.

    Raises EngineError ``map_missing`` with the map's name and the places searched.
    """
    if not local_map_path:
        return None
    candidates = local_map_places(local_map_path, install.maps_folder)
    for candidate in candidates:
        if candidate.is_file():
            return candidate.read_bytes()
    own = Path(local_map_path)
    if own.is_absolute() and own.suffix.lower() == ".sc2map" and own.is_file():
        return None
    raise missing_map(PurePosixPath(local_map_path.replace("\\", "/")).name, candidates)


def missing_map(name: str, looked_at: Sequence[Path], said: str = "") -> EngineError:
    """The error for a map, or a file it depends on, that is nowhere on this machine; ``said``: the game's own words."""
    return EngineError(
        "map_missing",
        f"map {name or 'of unknown name'}, or what it depends on, is not here (not found: {shown_places(looked_at)}"
        f"{'; ' if said else ''}{said}); put it under the install's Maps folder, or watch the replay once in the game so "
        "that it is downloaded",
        is_retryable=False,
    )


def shown_places(places: Sequence[Path]) -> str:
    """Paths for a message: the first few."""
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return ("; ".join(map(str, places[:_SHOWN])) or "no folder of maps exists") + more


def missing_files(replay: PlayableReplay, install: Install) -> list[Path]:
    """Where the replay's Battle.net files that no cache folder has would lie, in each of the folders.

    Standard data, which every client has, are not looked for.
    """
    return [place for handle in replay.map_handles for place in missing_places(handle, install)]


def missing_places(handle: str, install: Install) -> list[Path]:
    """Where that Battle.net file would lie, in each cache folder; empty if it is in one of them, or is standard data."""
    places = cache_places(handle, install)
    return [] if handle.lower() in STANDARD_DATA or any(place.is_file() for place in places) else places


def cache_places(handle: str, install: Install) -> list[Path]:
    """Where the client looks for that Battle.net file, one place in each cache folder."""
    return [_cached(folder, handle) for folder in cache_folders(install)]


def cache_folders(install: Install) -> tuple[Path, ...]:
    """The folders of downloaded files; if there is none, where the install's own would be."""
    return install.cache_folders or (install.folder / "Battle.net" / "Cache",)


def local_map_places(local_map_path: str, maps: Path) -> list[Path]:
    """The path under Maps, and files of the same name in any folder there; never a path outside Maps."""
    parts = [part for part in local_map_path.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if parts and parts[0].endswith(":"):
        parts = parts[1:]
    candidates = [maps.joinpath(*parts)]
    if parts and parts[0].lower() == "maps":
        candidates.append(maps.joinpath(*parts[1:]))
    name = parts[-1] if parts else ""
    # The case of names may differ between a Windows player's replay and a Linux installation.
    if maps.is_dir() and name:
        candidates.extend(sorted(p for p in maps.rglob("*") if p.name.lower() == name.lower() and p not in candidates))
    return candidates


def _cached(folder: Path, handle: str) -> Path:
    name = handle.lower()
    return folder / name[:2] / name[2:4] / name
