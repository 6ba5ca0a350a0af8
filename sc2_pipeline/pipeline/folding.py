"""Folding of a home's lake: few files for the extractions of many replays, without being asked.

What stays in Parquet is compacted (``steps.compact``), the other files of the folders are bundled (``lake.bundles``). Small bundles
and parts are merged with as many more at least, so that they stay few and a replay is written again a few times at most. As with
compaction, files go only once the manifest knows the new ones and no view names them, and what is removed is worked out from what
stands: a crash leaves files that the next publishing removes.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from sc2_pipeline.config import Home
from sc2_pipeline.lake import RECEIPT, FolderLake
from sc2_pipeline.lake.bundles import (
    BUNDLES,
    bundles_in,
    content,
    divided,
    files_of,
    is_wanted,
    place_of,
    remove_bundle,
    unwanted,
    write_bundle,
)
from sc2_pipeline.manifest import CompactedFile, Extraction, Manifest
from sc2_pipeline.pipeline.damaged_files import is_part
from sc2_pipeline.pipeline.session import Session
from sc2_pipeline.steps.compact import COMPACT, Part, Piece, compact, has_table_schema, part_folder
from sc2_pipeline.tables import tables_of
from sc2_pipeline.warehouse.batch.cut import Cut
from sc2_pipeline.warehouse.parquet_files import ParquetFile, file_sizes, loaded_files, replace_files
from sc2_pipeline.workers import Died

FOLDED_PARTS = ("streams", "solved")
"""Parts that can be made again in a fraction of a second, should a file of so many replays be lost. Observations take minutes."""

FOLDED_REPLAYS = 40
"""Loaded replays whose extractions wait in folders of their own, of a dozen files each, until there are so many."""

MOST_REPLAYS, MOST_BYTES = 400, 64_000_000
"""Of one bundle, by the bytes of the extractions, which a process has in memory; and bytes of one compacted file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleTask:
    """Folders of one part to be bundled; ``compacted`` are the tables of each, by its own name, whose rows are in compacted files."""

    lake: Path
    part: str
    places: tuple[str, ...]
    compacted: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactTask:
    """Pieces of one table to be compacted."""

    home: Path
    folder: str
    table_name: str
    pieces: tuple[Piece, ...]


def bundle_task(task: BundleTask) -> dict[str, str]:
    """Bundles the folders that can be read whole; returns where they are now, by where they were."""
    read = {place: files for place in task.places if (files := _files(task, place)) is not None}
    if not read:
        return {}
    bundle = write_bundle(task.lake, task.part, {divided(place)[1]: files for place, files in read.items()})
    return {place: place_of(bundle, divided(place)[1]) for place in read}


def _files(task: BundleTask, place: str) -> dict[str, bytes] | None:
    bundle, folder = divided(place)
    staying = {f"{table.name}.parquet" for table in tables_of(task.part) if table.stays_in_parquet}
    compacted = {f"{table}.parquet" for table in task.compacted.get(folder, frozenset())}
    try:
        if bundle is not None:
            return {name: content(task.lake, bundle, folder, name) for name in files_of(task.lake, bundle)[folder]}
        files = {path.name: path for path in (task.lake / folder).iterdir() if not path.name.startswith(".")}
        if files.keys() & staying - compacted:
            return None
        return {name: path.read_bytes() for name, path in files.items() if name not in staying} or None
    except (KeyError, OSError, pa.ArrowException):
        # It stays where it is, and whoever reads it next finds out what is wrong.
        return None


def compact_task(task: CompactTask) -> list[Part]:
    """Compacts the pieces that have the columns of this release and can be read; none if one turns out not to be."""
    try:
        pieces = [piece for piece in task.pieces if has_table_schema(task.home / piece.path, task.table_name)]
        return list(compact(task.home, task.folder, task.table_name, pieces, target_bytes=MOST_BYTES)) if pieces else []
    except (OSError, pa.ArrowException):
        return []


def fold(session: Session, connection: duckdb.DuckDBPyConnection) -> bool:
    """Folds what many loaded replays have in folders of their own; only in a lake of the home. Returns whether there were many."""
    lake, manifest = session.lake, session.manifest
    unfolded = manifest.unfolded_extractions(FOLDED_PARTS)
    if not isinstance(lake, FolderLake) or len({e.replay_id for e in unfolded}) < FOLDED_REPLAYS:
        return False
    _compact_files(session, connection)
    compacted: dict[tuple[str, str, str], set[str]] = {}
    for file in manifest.compacted_files(e.replay_id for e in unfolded):
        compacted.setdefault((file.replay_id, file.part, file.settings_digest), set()).add(file.table_name)
    tables = {e.folder: frozenset(compacted.get((e.replay_id, e.part, e.settings_digest), ())) for e in unfolded}
    chosen = [*unfolded, *_to_merge(lake.root, manifest, unfolded)]
    tasks = [
        BundleTask(
            lake=lake.root,
            part=part,
            places=tuple(e.folder for e in some),
            compacted={e.folder: tables[e.folder] for e in some if e.folder in tables},
        )
        for part in FOLDED_PARTS
        for some in _cut([e for e in chosen if e.part == part])
    ]
    by_place = {e.folder: e for e in chosen}
    for _, moved in session.workers.run(bundle_task, tasks, are_light=True):
        if not isinstance(moved, Died):
            manifest.move_extractions({by_place[place]: now for place, now in moved.items()})
    return True


def _cut(extractions: Iterable[Extraction]) -> Iterator[list[Extraction]]:
    cut = Cut[Extraction](most_replays=MOST_REPLAYS, most_bytes=MOST_BYTES)
    for extraction in extractions:
        yield from cut.added(extraction, size=extraction.bytes)
    yield from cut.rest()


def _to_merge(lake: Path, manifest: Manifest, unfolded: Sequence[Extraction]) -> list[Extraction]:
    """Extractions in bundles that are written again: small ones, and those of which nobody wants the greater part."""
    taken: list[str] = []
    for part in FOLDED_PARTS:
        held = {name: sizes for name, sizes in manifest.bundles().items() if name.startswith(f"{BUNDLES}/{part}/")}
        taken += _small(held, sum(e.part == part for e in unfolded))
        taken += [name for name, (count, _) in held.items() if len(unwanted(lake / name)) > count]
    return manifest.extractions_in_bundles(taken)


def _small(held: Mapping[str, tuple[int, int]], count: int) -> list[str]:
    """Those that hold no more than what is merged with them, the smallest first; none that is half full."""
    small = []
    for name, (replays, size) in sorted(held.items(), key=lambda each: each[1]):
        if replays > count or replays >= MOST_REPLAYS / 2 or size >= MOST_BYTES / 2:
            break
        small.append(name)
        count += replays
    return small


def _compact_files(session: Session, connection: duckdb.DuckDBPyConnection) -> None:
    home = session.home
    tasks, part_of = [], {}
    for part in FOLDED_PARTS:
        for table in (table for table in tables_of(part) if table.stays_in_parquet):
            sizes = file_sizes(connection, part, table.name)
            single = [path for path in sizes if not is_part(path)]
            small = _small({path: size for path, size in sizes.items() if is_part(path)}, len(single))
            files = loaded_files(connection, [*single, *small])
            folder = part_folder(home.lake.name, part, table.name)
            pieces = tuple(
                Piece(replay_id=f.file.replay_id, settings_digest=f.settings_digest, path=f.file.path) for f in files
            )
            if single:
                tasks.append(
                    CompactTask(home=home.root.absolute(), folder=folder, table_name=table.name, pieces=pieces)
                )
                part_of[table.name] = part
    for task, parts in session.workers.run(compact_task, tasks, are_light=True):
        if parts and not isinstance(parts, Died):
            put_parts(session.manifest, connection, part_of[task.table_name], task.table_name, parts)


def put_parts(
    manifest: Manifest, connection: duckdb.DuckDBPyConnection, part: str, table_name: str, parts: Sequence[Part]
) -> None:
    """Records new compacted files of a table in the manifest, then lets the writer's views read them."""
    written = [(piece, file) for file in parts for piece in file.pieces]
    manifest.record_compacted_files(
        CompactedFile(
            replay_id=piece.replay_id,
            part=part,
            settings_digest=piece.settings_digest,
            table_name=table_name,
            path=file.path,
            held_replays=len(file.pieces),
        )
        for piece, file in written
    )
    replace_files(
        connection,
        [
            ParquetFile(
                replay_id=piece.replay_id,
                part=part,
                table_name=table_name,
                path=file.path,
                held_replays=len(file.pieces),
                file_bytes=file.bytes,
            )
            for piece, file in written
        ],
    )


def remove_folded(home: Home, manifest: Manifest, named: set[str]) -> None:
    """Removes what was folded and no view reads (``named``, relative to the home): folders of what is in a bundle, bundles and parts
    of which all was written again."""
    if not any((home.lake / folder).is_dir() for folder in (BUNDLES, COMPACT)):
        return
    _remove_folders(home, manifest, named)
    standing = manifest.bundles().keys()
    for bundle, folders in bundles_in(home.lake, but=standing).items():
        known = {divided(e.folder)[1] for e in manifest.all_extractions(_replay_id(folder) for folder in folders)}
        if known >= set(folders):
            remove_bundle(home.lake, bundle)
    kept = named | manifest.compacted_paths()
    for part in FOLDED_PARTS:
        for path in (home.lake / COMPACT / part).rglob("part-*.parquet"):
            if path.relative_to(home.root).as_posix() not in kept:
                _removed(path)


def _remove_folders(home: Home, manifest: Manifest, named: set[str]) -> None:
    loose = [
        path.relative_to(home.lake).as_posix()
        for part in FOLDED_PARTS
        for path in (home.lake / part).glob("[0-9a-f][0-9a-f]/[!.]*/")
    ]
    places = {divided(e.folder)[1]: e.folder for e in manifest.all_extractions(map(_replay_id, loose))}
    for folder in loose:
        bundle = divided(places.get(folder, folder))[0]
        # What was withdrawn from a bundle may have been extracted again, by a process that has not recorded it yet.
        if bundle is None or not is_wanted(home.lake, bundle, folder):
            continue
        # The receipt goes first: without it the folder does not count as complete.
        for path in sorted((home.lake / folder).iterdir(), key=lambda path: path.name != RECEIPT):
            if path.relative_to(home.root).as_posix() not in named:
                _removed(path)
        with suppress(OSError):
            (home.lake / folder).rmdir()


def _replay_id(folder: str) -> str:
    return folder.rpartition("/")[2].partition(".")[0]


def _removed(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:  # On Windows, another process has it open: the next publishing tries again.
        logging.getLogger(__name__).warning("%s is kept for now: %s", path, error)
