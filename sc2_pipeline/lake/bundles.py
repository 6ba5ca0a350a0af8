"""Many extractions in one file: a Parquet file whose rows are the files of their folders.

A folder in a bundle has a name like any other, ``bundles/streams/<name>.parquet!streams/ab/<replay_id>.<settings_digest>``, and holds the
same files. A bundle is never changed: what it holds and nobody wants has a mark beside it.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.lake.parquet import is_refusal

BUNDLES = "bundles"
"""Folder in the lake: ``bundles/<part>/<name>.parquet``."""

_MARK = "!"
_SCHEMA = pa.schema([("file", pa.string()), ("folder", pa.string()), ("content", pa.binary())])

_GROUP_BYTES = 1_000_000
"""Files of one name that are compressed together: their ends, of several kB, are much the same. To read one is to read its group."""


def place_of(bundle: str, folder: str) -> str:
    """Name of a folder in a bundle; all relative to the lake."""
    return f"{bundle}{_MARK}{folder}"


def divided(place: str) -> tuple[str | None, str]:
    """The bundle that a folder lies in, None if it lies in none, and its own name."""
    bundle, mark, folder = place.rpartition(_MARK)
    return (bundle if mark else None), folder


def write_bundle(lake: Path, part: str, folders: Mapping[str, Mapping[str, bytes]]) -> str:
    """Writes the files of some folders, by name, into a new bundle, synced to disk; returns its name."""
    # A name that was never given before: marks may be left of another.
    bundle = f"{BUNDLES}/{part}/{secrets.token_hex(8)}.parquet"
    rows = sorted((name, folder) for folder, files in folders.items() for name in files)
    options = {"compression": "zstd", "use_dictionary": ["file", "folder"], "write_page_checksum": True}
    with whole_file(lake / bundle) as partial, pq.ParquetWriter(partial, _SCHEMA, **options) as writer:
        for group in _groups(rows, folders):
            names, places, contents = zip(*group, strict=True)
            writer.write_table(pa.table([names, places, contents], schema=_SCHEMA))
    return bundle


def _groups(
    rows: Iterable[tuple[str, str]], folders: Mapping[str, Mapping[str, bytes]]
) -> Iterable[list[tuple[str, str, bytes]]]:
    for _, of_name in groupby(rows, key=lambda row: row[0]):
        group: list[tuple[str, str, bytes]] = []
        size = 0
        for name, folder in of_name:
            content = folders[folder][name]
            if group and size + len(content) > _GROUP_BYTES:
                yield group
                group, size = [], 0
            group.append((name, folder, content))
            size += len(content)
        yield group


def bundles_in(lake: Path, *, but: Collection[str] = ()) -> dict[str, list[str]]:
    """Names of the folders that each bundle of a lake holds, without those that nobody wants; none of a damaged one.

    ``but`` these bundles. Raises OSError if the machine refuses.
    """
    held = {}
    for path in sorted((lake / BUNDLES).glob("*/[!.]*.parquet")):
        bundle = path.relative_to(lake).as_posix()
        if bundle in but:
            continue
        try:
            folders: Collection[str] = _listed(*_stamp(path)).files
        except (OSError, pa.ArrowException) as error:
            if is_refusal(error):
                raise
            folders = ()
        marked = unwanted(path)
        held[bundle] = sorted(folder for folder in folders if _name(folder) not in marked)
    return held


def files_of(lake: Path, bundle: str) -> Mapping[str, frozenset[str]]:
    """Names of files by folder of a bundle, wanted or not; empty if it is missing or damaged."""
    try:
        return _listed(*_stamp(lake / bundle)).files
    except (OSError, pa.ArrowException):
        return {}


def content(lake: Path, bundle: str, folder: str, name: str) -> bytes:
    """Content of a file in a bundle; raises FileNotFoundError if there is none, OSError or ``pyarrow.ArrowException`` if it is damaged."""
    stamp = _stamp(lake / bundle)
    group = _listed(*stamp).groups.get((name, folder))
    if group is None:
        raise FileNotFoundError(f"{folder}/{name} is not in {bundle}")
    return _group(*stamp, group)[folder]


def is_wanted(lake: Path, bundle: str, folder: str) -> bool:
    """Whether the folder is in the bundle and has no mark that nobody wants it."""
    return not (_marks(lake / bundle) / _name(folder)).exists() and folder in files_of(lake, bundle)


def mark_unwanted(lake: Path, bundle: str, folder: str) -> None:
    """Marks a folder of a bundle as one that nobody wants; does nothing if there is no such bundle."""
    if (lake / bundle).is_file():
        _marks(lake / bundle).mkdir(exist_ok=True)
        (_marks(lake / bundle) / _name(folder)).touch()


def remove_bundle(lake: Path, bundle: str) -> None:
    """Removes a bundle and its marks; no error if there is none."""
    (lake / bundle).unlink(missing_ok=True)
    for name in unwanted(lake / bundle):
        (_marks(lake / bundle) / name).unlink(missing_ok=True)
    if _marks(lake / bundle).is_dir():
        _marks(lake / bundle).rmdir()


def _name(folder: str) -> str:
    return folder.rpartition("/")[2]


def _marks(path: Path) -> Path:
    return path.with_suffix(".unwanted")


def unwanted(path: Path) -> set[str]:
    """Names of the folders of a bundle that nobody wants, without what comes before the last slash."""
    return {mark.name for mark in _marks(path).iterdir()} if _marks(path).is_dir() else set()


class _Listed:
    """Where each file of a bundle is: its row group, by file and folder."""

    def __init__(self, path: Path) -> None:
        self.groups: dict[tuple[str, str], int] = {}
        files: dict[str, set[str]] = {}
        with _opened(path) as file:
            for number in range(file.num_row_groups):
                rows = file.read_row_group(number, columns=["file", "folder"]).to_pydict()
                for name, folder in zip(rows["file"], rows["folder"], strict=True):
                    self.groups[name, folder] = number
                    files.setdefault(folder, set()).add(name)
        self.files = {folder: frozenset(names) for folder, names in files.items()}


def _opened(path: Path) -> pq.ParquetFile:
    return pq.ParquetFile(path, page_checksum_verification=True)


def _stamp(path: Path) -> tuple[Path, int, int]:
    """A bundle's path, and what differs if another file has its name; raises FileNotFoundError."""
    status = path.stat()
    return path, status.st_size, status.st_mtime_ns


@lru_cache(maxsize=32)
def _listed(path: Path, _bytes: int, _modified: int) -> _Listed:
    return _Listed(path)


@lru_cache(maxsize=16)
def _group(path: Path, _bytes: int, _modified: int, number: int) -> dict[str, bytes]:
    """Contents by folder of one row group; readers go through the same folders table by table, so it is soon asked for again."""
    with _opened(path) as file:
        rows = file.read_row_group(number, columns=["folder", "content"])
    return dict(zip(rows["folder"].to_pylist(), rows["content"].to_pylist(), strict=True))
