"""Verification of a home, with optional repair."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import HomeError
from sc2_pipeline.lake import open_lake
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.machine_faults import naming_machine_faults
from sc2_pipeline.pipeline.session import Watch, nobody
from sc2_pipeline.pipeline.verification.findings import Notes, Verified
from sc2_pipeline.pipeline.verification.lake_checks import LakeChecks, LakeFaults
from sc2_pipeline.pipeline.verification.manifest_checks import check_manifest
from sc2_pipeline.pipeline.verification.repairing import repair
from sc2_pipeline.pipeline.verification.warehouse_checks import Held, check_published, check_writer
from sc2_pipeline.pipeline.writer_lock import WriterLock
from sc2_pipeline.stopping import raise_if_told
from sc2_pipeline.warehouse.memory import Memory

UNREPAIRABLE = frozenset({"manifest_unusable"})


def verify(settings: Settings, *, is_to_repair: bool = False, watch: Watch = nobody) -> Verified:
    """Compares everything in a home, reading all of it; repairs the findings on request.

    The result contains the findings before the repair, and what was done. Raises HomeError if there is no home or, for
    a repair, if another process keeps writing; LakeError if the lake does not answer.
    """
    home = Home(settings.home)
    if not any(path.exists() for path in (home.manifest, home.build_warehouse, home.warehouse, home.lake)):
        raise HomeError(f"nothing to verify at {home.root}; run `sc2-pipeline run` first, or give the right --home")
    with naming_machine_faults(home.root):
        found, faults = _look(settings, home, watch)
        unrepairable = [finding for finding in found.findings if finding.kind in UNREPAIRABLE]
        if not is_to_repair or found.is_sound:
            return found
        if unrepairable:
            raise HomeError(unrepairable[0].said)
        # Findings of an interrupted check are unreliable.
        raise_if_told()
        done = repair(settings, found.findings, faults, watch)
        with Manifest(home.manifest) as manifest:
            waiting = len(manifest.replay_ids("found"))
    return replace(found, done=tuple(done), waiting=waiting)


def _look(settings: Settings, home: Home, watch: Watch) -> tuple[Verified, LakeFaults]:
    notes = Notes()
    told = check_manifest(home, notes)
    memory = Memory(megabytes=settings.duckdb_memory_mb, folder=home.root)
    with _nobody_writing(home) as is_free:
        if is_free:
            written = check_writer(home, told, notes, memory)
        else:
            written = Held()
            notes.not_looked_at.append(
                "build/warehouse.duckdb, and whether all of it is published: a run is writing it"
            )
        published = check_published(home, written, notes, memory)
        held = written if written.is_readable else published
        checks = LakeChecks(home, open_lake(settings), told, held, notes)
        checks.check(watch)
    found = Verified(
        findings=tuple(notes.findings), looked_at=notes.looked_at, not_looked_at=tuple(notes.not_looked_at)
    )
    return found, checks.faults


@contextmanager
def _nobody_writing(home: Home) -> Iterator[bool]:
    """Yields whether the writer's lock is free; if so, it is held during the block."""
    lock = WriterLock(home, 0)
    try:
        if home.build_warehouse.is_file():
            lock.acquire()
    except HomeError:
        yield False
        return
    except OSError:  # A home without write access: DuckDB itself reports a concurrent writer.
        yield True
        return
    try:
        yield True
    finally:
        lock.release()
