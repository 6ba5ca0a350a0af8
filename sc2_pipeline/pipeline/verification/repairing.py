"""Repairs: rebuilds lost data from intact data, and keeps damaged files under another name."""

import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import HomeError
from sc2_pipeline.lake.receipts import Receipt, has_declared_schema, receipt_at
from sc2_pipeline.manifest import Manifest, now
from sc2_pipeline.pipeline.manifest_recovery import extraction_of
from sc2_pipeline.pipeline.session import Watch
from sc2_pipeline.pipeline.verification.findings import Finding
from sc2_pipeline.pipeline.verification.lake_checks import LakeFaults
from sc2_pipeline.pipeline.warehouse_stages import load_replays, open_writer, publish_warehouse
from sc2_pipeline.pipeline.writer import Writer
from sc2_pipeline.stopping import finished_first

_SIDE_FILES = ("-wal", "-shm", ".wal")
"""Suffixes of files beside a database, which SQLite and DuckDB would read with a new database of the same name."""


def repair(settings: Settings, findings: Collection[Finding], faults: LakeFaults, watch: Watch) -> list[str]:
    """Repairs the findings, loads what is then waiting in the lake, and publishes; returns messages about what was
    done.

    Raises HomeError if another process keeps writing or has a damaged file open.
    """
    kinds = {finding.kind for finding in findings}
    done = [_moved_aside(path) for path in _damaged_files(Home(settings.home), kinds)]
    with open_writer(settings, "verify", watch) as writer:
        # Opening the warehouse restores the manifest from it.
        writer.mending.drop(writer.open(), faults.files)
        manifest = writer.session.manifest
        done += _told(manifest, kinds)
        done += _set_back(writer, faults.folders)
        done += _learned(manifest, faults.unknown)
        manifest.record_compacted_files(faults.compacted)
        done += _removed(faults.leftovers)
    if loaded := load_replays(settings, watch=watch).loaded:
        done.append(f"{len(loaded):,} replays are loaded from the lake")
    if published := publish_warehouse(settings, watch=watch):
        done.append(f"{published.replays:,} replays are published in {published.path.name}")
    return done


def _damaged_files(home: Home, kinds: Set[str]) -> Iterable[Path]:
    if "manifest_damaged" in kinds:
        yield home.manifest
    if kinds & {"warehouse_damaged", "warehouse_contradicts"}:
        yield home.build_warehouse
    if "published_damaged" in kinds:
        yield home.warehouse


@finished_first()
def _moved_aside(path: Path) -> str:
    mark = f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    aside = path.with_name(f"{path.name}.{mark}")
    try:
        path.replace(aside)
        for suffix in _SIDE_FILES:
            beside = path.with_name(f"{path.name}{suffix}")
            if beside.exists():
                beside.replace(aside.with_name(f"{aside.name}{suffix}"))
    except OSError as error:
        raise HomeError(
            f"{path} cannot be moved aside ({error}); let go of it whoever has it open, and verify again"
        ) from error
    return f"{path} is kept as {aside.name}"


def _told(manifest: Manifest, kinds: Set[str]) -> list[str]:
    done = []
    if kinds & {"manifest_missing", "manifest_damaged", "manifest_behind", "manifest_contradicts"}:
        done.append(f"the manifest knows {len(manifest.replay_ids()):,} replays again")
    if "stray_rows" in kinds:
        done.append(f"{manifest.remove_strays():,} rows of replays that are not known are removed from the manifest")
    return done


def _set_back(writer: Writer, folders: Mapping[str, str]) -> list[str]:
    """Withdraws incomplete extractions; replays for which they are current are to be extracted again."""
    for folder in folders:
        writer.session.lake.withdraw(folder)
    current = writer.session.manifest.current_extractions({folder.rpartition("/")[2][:16] for folder in folders})
    writer.mending.withdraw({e: folders[e.folder] for e in current if e.folder in folders})
    return [f"{len(folders):,} extractions that are not whole are taken back"] if folders else []


def _learned(manifest: Manifest, unknown: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Records complete extractions unknown to the manifest; the last one per replay and part is loaded, unless another
    is known."""
    receipts = {folder: receipt_at(content, folder) for folder, content in unknown.items()}
    known = manifest.extracted_pairs()
    new = [r for r in receipts.values() if r is not None and (r.replay_id, r.part, r.settings_digest) not in known]
    told = {pair[:2] for pair in known}
    wanted = [r for r in new if (r.replay_id, r.part) not in told and has_declared_schema(unknown[r.folder], r.part)]
    manifest.relearn(
        [_standing(r.replay_id, unknown[r.folder]) for r in wanted],
        {"extractions": [{**_values(r), "extracted_at": now(), "is_current": 0} for r in new]},
    )
    manifest.record_extractions(extraction_of(r) for r in wanted)
    return [f"{len(new):,} extractions of the lake are known to the manifest again"] if new else []


def _values(receipt: Receipt) -> dict[str, Any]:
    return asdict(extraction_of(receipt))


def _standing(replay_id: str, content: Mapping[str, Any]) -> dict[str, Any]:
    file = content.get("replay") or {}
    moment = now()
    return {
        "replay_id": replay_id,
        "sha256": file.get("sha256"),
        "path": str(file.get("file_name") or replay_id),
        "file_bytes": None,
        "status": "extracted",
        "stage": "extract",
        "reason": None,
        "detail": None,
        "is_retryable": False,
        "attempts": 0,
        "first_seen_at": moment,
        "updated_at": moment,
        "batch": None,
    }


def _removed(leftovers: Sequence[Path]) -> list[str]:
    for path in leftovers:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return [f"{len(leftovers):,} leftovers are removed"] if leftovers else []
