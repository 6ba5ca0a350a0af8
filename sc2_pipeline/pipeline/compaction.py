"""Compaction of a home's lake: merges many small files into few sorted ones, without changing any query result.

The order makes crashes harmless: write the parts, record them in the manifest, switch the warehouse's views, publish,
and only then delete the small files. Until then both hold the same rows, and running it again finishes the work.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import HomeError, SettingsError
from sc2_pipeline.lake.bundles import divided
from sc2_pipeline.machine_faults import machine_error
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.damaged_files import is_part
from sc2_pipeline.pipeline.folding import put_parts
from sc2_pipeline.pipeline.session import Progress, Watch, nobody
from sc2_pipeline.pipeline.warehouse_stages import open_writer
from sc2_pipeline.steps.compact import COMPACT, TARGET_BYTES, Part, Piece, compact, has_table_schema, part_folder
from sc2_pipeline.warehouse.parquet_files import LoadedFile, loaded_files
from sc2_pipeline.warehouse.reading.published import published_files

LARGE_GROUP_PARTS = 8
"""In a group of this many target sizes or more, each of the sixteen shelves has parts of at least half the target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactReport:
    """Result of a compaction: parts written, files they replace, replays concerned, and files removed."""

    parts: int
    rows: int
    bytes: int
    replaced_files: int
    replays: int
    removed_files: int
    seconds: float


@dataclass(frozen=True, slots=True, order=True)
class _Group:
    """Files that are compacted together."""

    part: str
    table_name: str
    base_build: int | None


def compact_lake(settings: Settings, *, target_bytes: int = TARGET_BYTES, watch: Watch = nobody) -> CompactReport:
    """Compacts the files of loaded replays, publishes a warehouse that reads the new files, and removes the old ones.

    Raises HomeError if files cannot be read or written; existing files are then still valid. Raises SettingsError if
    the lake is not in the home's own folder.
    """
    home = Home(settings.home)
    if not (home.manifest.is_file() or home.build_warehouse.is_file()):
        raise HomeError(f"nothing to compact at {home.root}; run `sc2-pipeline run` first, or give the right --home")
    if settings.lake is not None:
        raise SettingsError(
            f"compact needs the lake in the home's folder, and lake is {settings.lake}; there files stay as they were extracted"
        )
    with open_writer(settings, "compact", watch) as writer:
        groups = _groups_to_compact(home, loaded_files(writer.open()), target_bytes)
        parts: list[Part] = []
        old: set[str] = set()
        for done, (group, shelves) in enumerate(sorted(groups.items())):
            watch(Progress(stage="compact", done=done, total=len(groups)))
            written = [part for pieces in shelves for part in _written(home, group, pieces, target_bytes)]
            put_parts(writer.session.manifest, writer.open(), group.part, group.table_name, written)
            parts += written
            old |= {piece.path for pieces in shelves for piece in pieces}
        named = {loaded.file.path for loaded in loaded_files(writer.open())}
        writer.publish()
        # Uses the files named by the published file itself, whatever this or an earlier run did.
        removed = _remove_replaced(home, writer.session.manifest, named | published_files(home.warehouse))
        if groups:
            watch(Progress(stage="compact", done=len(groups), total=len(groups)))
        return CompactReport(
            parts=len(parts),
            rows=sum(part.rows for part in parts),
            bytes=sum(part.bytes for part in parts),
            replaced_files=len(old),
            replays=len({p.replay_id for shelves in groups.values() for pieces in shelves for p in pieces}),
            removed_files=removed,
            seconds=writer.seconds,
        )


def _groups_to_compact(home: Home, files: Iterable[LoadedFile], target_bytes: int) -> dict[_Group, list[list[Piece]]]:
    """Small files and undersized parts to merge, by group, where that reduces the number of files.

    Each group has one shelf or, if it is large, one per first digit of the replay id, as in the views
    (``parquet_views``): a query for one replay only opens parts of its own shelf. Parts that span several shelves are
    then divided.
    """
    by_group: dict[_Group, dict[str, list[LoadedFile]]] = defaultdict(lambda: defaultdict(list))
    for loaded in files:
        # Those of the replay's own streams are folded over all builds.
        base_build = loaded.base_build if loaded.file.part == "observation" else None
        group = _Group(loaded.file.part, loaded.file.table_name, base_build)
        by_group[group][loaded.file.path].append(loaded)
    chosen: dict[_Group, list[list[Piece]]] = {}
    for group, by_path in by_group.items():
        is_large = sum(_size(home, path) for path in by_path) >= LARGE_GROUP_PARTS * target_bytes
        taken = {path: held for path, held in by_path.items() if _is_to_merge(home, path, held, target_bytes, is_large)}
        shelves = _shelves(taken, is_large)
        if wanted := [pieces for pieces in shelves if _has_work(pieces, taken)]:
            chosen[group] = wanted
    return chosen


def _shelves(taken: Mapping[str, Sequence[LoadedFile]], is_large: bool) -> list[list[Piece]]:
    by_digit: dict[str, list[Piece]] = defaultdict(list)
    for path, held in taken.items():
        for loaded in held:
            piece = Piece(replay_id=loaded.file.replay_id, settings_digest=loaded.settings_digest, path=path)
            by_digit[loaded.file.replay_id[0] if is_large else ""].append(piece)
    return [by_digit[digit] for digit in sorted(by_digit)]


def _has_work(pieces: Sequence[Piece], taken: Mapping[str, Sequence[LoadedFile]]) -> bool:
    here = Counter(piece.path for piece in pieces)
    is_divided = any(len(taken[path]) > count for path, count in here.items())
    return len(here) > 1 or is_divided or any(not is_part(path) for path in here)


def _is_to_merge(home: Home, path: str, held: Sequence[LoadedFile], target_bytes: int, is_large: bool) -> bool:
    """Whether to merge the file. Parts with rows of replays that no view reads are kept: a later run can reuse those
    rows."""
    if is_part(path):
        is_whole = len(held) == held[0].file.held_replays
        is_of_many_shelves = is_large and len({loaded.file.replay_id[0] for loaded in held}) > 1
        return is_whole and (is_of_many_shelves or _size(home, path) < target_bytes / 2)
    try:
        # A file with the columns of an earlier release stays as it is.
        return has_table_schema(home.root / path, held[0].file.table_name)
    except (OSError, pa.ArrowException) as error:
        raise machine_error(error, home.root) or _unreadable(error) from error


def _size(home: Home, path: str) -> int:
    try:
        return (home.root / path).stat().st_size
    except OSError as error:
        raise machine_error(error, home.root) or _unreadable(error) from error


def _written(home: Home, group: _Group, pieces: Sequence[Piece], target_bytes: int) -> list[Part]:
    folder = part_folder(home.lake.name, group.part, group.table_name, group.base_build)
    try:
        return list(compact(home.root, folder, group.table_name, pieces, target_bytes=target_bytes))
    except (OSError, pa.ArrowException) as error:
        raise machine_error(error, home.root) or _unreadable(error) from error


def _unreadable(error: Exception) -> HomeError:
    return HomeError(
        f"the lake cannot be compacted ({error}); have `sc2-pipeline verify --repair` set the damaged file's replay back, "
        "`run` extract it again, and compact then: nothing is lost"
    )


def _remove_replaced(home: Home, manifest: Manifest, named: set[str]) -> int:
    """Removes leftovers of crashes and files replaced by existing parts, except those in ``named``; returns the
    count."""
    compacted = manifest.compacted_files()
    folders = _extraction_folders(manifest)
    kept = named | {file.path for file in compacted}
    standing = {path for path in kept if is_part(path) and (home.root / path).is_file()}
    small = {
        f"{home.lake.name}/{divided(folders[key])[1]}/{file.table_name}.parquet"
        for file in compacted
        if file.path in standing and (key := (file.replay_id, file.part, file.settings_digest)) in folders
    }
    root = home.lake / COMPACT
    parts = {f"{home.lake.name}/{path.relative_to(home.lake).as_posix()}" for path in root.rglob("part-*.parquet")}
    partial = {f"{home.lake.name}/{path.relative_to(home.lake).as_posix()}" for path in root.rglob(".partial-*")}
    return _removed(home.root, [*sorted(small - named), *sorted(parts - kept), *sorted(partial)])


def _extraction_folders(manifest: Manifest) -> Mapping[tuple[str, str, str], str]:
    rows = manifest.table("extractions")
    return {(row["replay_id"], row["part"], row["settings_digest"]): row["folder"] for row in rows}


def _removed(root: Path, paths: Iterable[str]) -> int:
    count = 0
    for path in paths:
        try:
            (root / path).unlink()
        except FileNotFoundError:
            continue
        except OSError as error:  # On Windows, another process has it open: the next compaction tries again.
            logging.getLogger(__name__).warning("%s is kept for now: %s", path, error)
            continue
        count += 1
    return count
