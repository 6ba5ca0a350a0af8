"""Mirrors the manifest's rows into schema ``ops`` of the warehouse, where people join them with loaded rows."""

import secrets
from collections.abc import Iterable, Iterator

import duckdb
import pyarrow as pa

from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.discovery import chunks
from sc2_pipeline.tables.ops import RUNS, ops_rows
from sc2_pipeline.warehouse.generation import mirror_of
from sc2_pipeline.warehouse.mirror import MIRRORED, mirror_ops

REPLAYS_AT_ONCE = 5_000
"""Number of replays whose rows are in memory at once."""


def mirror_manifest(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> None:
    """Updates schema ``ops`` with what changed in the manifest since the last mirroring; with all rows if they do not
    match.

    Does nothing if no replay changed; a run without changes is mirrored together with the next change.
    """
    changed = manifest.unmirrored(mirror_of(connection))
    is_whole = changed is None
    wanted = changed if changed is not None else manifest.everything()
    if not wanted.replay_ids and not is_whole:
        return
    name = secrets.token_hex(8)
    runs = ops_rows(RUNS.name, manifest.table(RUNS.name))
    mirror_ops(connection, _parts(manifest, wanted.replay_ids), runs, mirror_name=name, is_whole=is_whole)
    manifest.record_mirrored(wanted, name)


def _parts(manifest: Manifest, replay_ids: Iterable[str]) -> Iterator[tuple[tuple[str, ...], dict[str, pa.Table]]]:
    for part in chunks(replay_ids, REPLAYS_AT_ONCE):
        yield part, {name: ops_rows(name, manifest.table(name, part)) for name in MIRRORED}
