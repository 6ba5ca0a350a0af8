"""Finds a replay's map in the installation, or reports it as missing with the places searched."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sc2_pipeline.errors import EngineError
from sc2_pipeline.sc2_client.installs import Install


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayableReplay:
    """What the game gets of a replay, and what the file says about its map.

    ``map_handles`` are the names of the Battle.net cache files that the replay lists (sha256 in hex, then the
    extension: ``..0f.s2ma``); none for games made through the API. They are used to explain why a replay does not
    start, never to refuse one in advance.
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
    candidates = _candidates(local_map_path, install.maps_folder)
    for candidate in candidates:
        if candidate.is_file():
            return candidate.read_bytes()
    own = Path(local_map_path)
    if own.is_absolute() and own.suffix.lower() == ".sc2map" and own.is_file():
        return None
    raise missing_map(PurePosixPath(local_map_path.replace("\\", "/")).name, [str(c) for c in candidates])


def missing_map(name: str, looked_at: list[str]) -> EngineError:
    """The error for a map that is nowhere on this machine."""
    return EngineError(
        "map_missing",
        f"map {name or 'of unknown name'} is not here (looked at: {'; '.join(looked_at) or 'no folder of maps exists'}); "
        "put it under the install's Maps folder, or watch the replay once in the game so that it is downloaded",
        is_retryable=False,
    )


def missing_handles(replay: PlayableReplay, install: Install) -> list[Path]:
    """Expected paths of the replay's Battle.net files in each cache folder, if any file is in none of them."""
    places: list[Path] = []
    for handle in replay.map_handles:
        here = [_cached(folder, handle) for folder in install.cache_folders]
        if not any(place.is_file() for place in here):
            places.extend(here or [_cached(install.folder / "Battle.net" / "Cache", handle)])
    return places


def _candidates(local_map_path: str, maps: Path) -> list[Path]:
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
