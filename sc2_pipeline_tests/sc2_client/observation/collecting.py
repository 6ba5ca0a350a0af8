"""Observations in, raw tables out, for tests; and the recorded messages of a real engine."""

import io
import lzma
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.sc2_client.observation.names import GameNames
from sc2_pipeline.sc2_client.observation.observation_tables import ObservationTables, RouteMaker
from sc2_pipeline.sc2_client.observation.passes import Detail, Fog, ObservedPass, plan_passes
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.parquet import parquet_options

REPLAY_ID = "00c0ffee00c0ffee"

[ONLY_PASS] = plan_passes([1], Fog.ON, Detail.FULL)
"""A fogged pass that keeps everything: no other player has one."""


def recorded(path: Path) -> bytes:
    return lzma.decompress(path.read_bytes())


def recorded_side(recordings: Path, side: str) -> list[bytes]:
    return [recorded(path) for path in sorted((recordings / "tvt_acid_plant" / side).glob("*ResponseObservation*"))]


def recorded_passes(recordings: Path) -> list[list[bytes]]:
    """Observations of every recorded pass: folders of a game, as ``probe --record`` writes them, with one for each side."""
    sides = sorted({path.parent for path in recordings.glob("*/*/*ResponseObservation*")})
    return [[recorded(path) for path in sorted(side.glob("*ResponseObservation*"))] for side in sides]


def recorded_starts(recordings: Path) -> list[bytes]:
    return [recorded(path) for path in sorted((recordings / "game_start").glob("*ResponseObservation*"))]


class Collected:
    """The batches of one pass, by table, and the collector that gave them."""

    def __init__(self) -> None:
        self.batches: dict[str, list[pa.RecordBatch]] = {}

    def take(self, name: str, batch: pa.RecordBatch) -> None:
        assert batch.schema == RAW_TABLES[name].file_schema
        self.batches.setdefault(name, []).append(batch)

    def table(self, name: str) -> pa.Table:
        given = pa.Table.from_batches(self.batches.get(name, []), RAW_TABLES[name].file_schema)
        return given.cast(RAW_TABLES[name].schema)

    def tables(self) -> dict[str, pa.Table]:
        return {name: self.table(name) for name in self.batches}

    def rows(self, name: str) -> list[dict[str, object]]:
        return self.table(name).to_pylist()


def collect(
    payloads: Iterable[bytes],
    observed: ObservedPass = ONLY_PASS,
    *,
    detail: Detail = Detail.FULL,
    names: GameNames | None = None,
    route: RouteMaker | None = None,
) -> Collected:
    collected, _ = collect_with_tables(payloads, observed, detail=detail, names=names, route=route)
    return collected


def collect_with_tables(
    payloads: Iterable[bytes],
    observed: ObservedPass = ONLY_PASS,
    *,
    detail: Detail = Detail.FULL,
    names: GameNames | None = None,
    route: RouteMaker | None = None,
) -> tuple[Collected, ObservationTables]:
    collected = Collected()
    tables = ObservationTables(REPLAY_ID, observed, collected.take, detail=detail, names=names, route=route)
    for payload in payloads:
        tables.add(payload)
    tables.finish()
    return collected, tables


def through_parquet(batches: Mapping[str, Sequence[pa.RecordBatch]]) -> dict[str, pa.Table]:
    """The tables as a reader of the written files has them."""
    read = {}
    for name, given in batches.items():
        read[name] = pq.read_table(io.BytesIO(written(name, given)))
    return read


def written(name: str, batches: Sequence[pa.RecordBatch]) -> bytes:
    """The bytes of a table's Parquet file, each batch a row group."""
    file = io.BytesIO()
    with pq.ParquetWriter(file, RAW_TABLES[name].file_schema, **parquet_options(RAW_TABLES[name])) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return file.getvalue()
