"""A checked batch into the warehouse, without the replays that its models cannot hold."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.errors import ContractError, ModelRowsError
from sc2_pipeline.manifest import now
from sc2_pipeline.sql_models import Model, SingularTest, batch_models
from sc2_pipeline.steps.check import CheckedBatch
from sc2_pipeline.steps.load import (
    Batch,
    Elsewhere,
    Pair,
    ParquetFile,
    in_batch,
    merge_batch,
    stage_batch,
    unbuildable_replays,
)
from sc2_pipeline.steps.marts import blamed_replays, build_models, run_tests
from sc2_pipeline.tables.ops import ops_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What was merged, and the replays that were left out because marts would not hold them, each with a sentence."""

    loads: Mapping[Pair, str]
    blamed: Mapping[str, str]


class Merger:
    """Merges batches into one warehouse; files that do not lie under its home are had from ``elsewhere``."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        models: Sequence[Model],
        tests: Sequence[SingularTest],
        elsewhere: Elsewhere,
    ) -> None:
        self._connection = connection
        self._elsewhere = elsewhere
        self._models = models
        self._tests = tests

    def merge(self, checked: CheckedBatch, loads: Mapping[Pair, str], files: Collection[ParquetFile]) -> Merge:
        """Builds the batch's marts, tests them, leaves out the replays at fault, and merges the rest at once.

        Raises ContractError when no replay of the batch can be blamed.
        """
        tables = {name: rows for name, rows in checked.tables.items() if name not in {f.table_name for f in files}}
        wanted = dict(loads)
        blamed: dict[str, str] = {}
        while wanted:
            batch, faults = self._built(tables, wanted, files)
            if not faults:
                merge_batch(self._connection, self._models, batch, _reports(checked))
                break
            culprits = {replay_id: why for replay_id, why in faults.items() if any(replay_id == i for i, _ in wanted)}
            if not culprits:
                raise ContractError(f"replays already loaded break the marts: {'; '.join(sorted(faults.values()))}")
            blamed |= culprits
            wanted = {pair: settings for pair, settings in wanted.items() if pair[0] not in culprits}
            tables = {name: _without(rows, culprits) for name, rows in tables.items()}
            files = [file for file in files if file.replay_id not in culprits]
        return Merge(loads=wanted, blamed=blamed)

    def _built(
        self, tables: Mapping[str, pa.Table], loads: Mapping[Pair, str], files: Collection[ParquetFile]
    ) -> tuple[Batch, Mapping[str, str]]:
        """The staged batch with its models built, and the replays at fault, if any."""
        batch = stage_batch(self._connection, tables, loads, files, elsewhere=self._elsewhere)
        models = batch_models(self._models)
        try:
            with in_batch(self._connection):
                build_models(self._connection, models)
                return batch, blamed_replays(run_tests(self._connection, models, self._tests))
        except ModelRowsError:
            culprits = unbuildable_replays(
                self._connection, self._models, tables, loads, files, elsewhere=self._elsewhere
            )
            if not culprits:
                raise
            return batch, culprits


def _reports(checked: CheckedBatch) -> dict[str, pa.Table]:
    moment = now()
    rows = ({**asdict(row), "quarantined_at": moment} for row in checked.quarantined)
    return {
        "quarantined_rows": ops_rows("quarantined_rows", rows),
        "check_outcomes": ops_rows("check_outcomes", map(asdict, checked.outcomes)),
    }


def _without(rows: pa.Table, replay_ids: Collection[str]) -> pa.Table:
    return rows.filter(pc.invert(pc.is_in(rows["replay_id"], pa.array(sorted(replay_ids), pa.string()))))
