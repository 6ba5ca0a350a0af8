"""A checked batch into the warehouse, and what the tests of its marts found."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import duckdb
import pyarrow as pa

from sc2_pipeline.manifest import now
from sc2_pipeline.sql_models import Model, SingularTest, batch_models
from sc2_pipeline.steps.check import CheckedBatch
from sc2_pipeline.tables.ops import ops_rows
from sc2_pipeline.warehouse.batch.merge import merge_batch
from sc2_pipeline.warehouse.batch.stage import Batch, ParquetFile, in_batch, stage_batch
from sc2_pipeline.warehouse.data_tests import TestOutcome, run_tests
from sc2_pipeline.warehouse.loaded_parts import Pair
from sc2_pipeline.warehouse.rebuild import build_models
from sc2_pipeline.warehouse.remote_files import Elsewhere


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

    def merge(
        self,
        checked: CheckedBatch,
        loads: Mapping[Pair, str],
        files: Collection[ParquetFile],
        retired: Collection[Pair] = (),
    ) -> dict[str, tuple[str, ...]]:
        """Builds the batch's marts, tests them, and merges all at once; replays by the test that their rows break.

        Parts of replays that are ``retired`` leave.
        A test that is broken is our own fault, and costs no replay. Raises ContractError for models that do not run,
        ModelRowsError where one cannot compute some replay's rows.
        """
        tables = {name: rows for name, rows in checked.tables.items() if name not in {f.table_name for f in files}}
        batch = stage_batch(self._connection, tables, loads, files, retired=retired, elsewhere=self._elsewhere)
        models = batch_models(self._models)
        with in_batch(self._connection):
            build_models(self._connection, models)
            broken = [test for test in run_tests(self._connection, models, self._tests) if test.is_broken]
        if loads or retired:
            merge_batch(self._connection, self._models, batch, _reports(checked, broken, batch))
        return {test.description: _concerned(test, batch) for test in broken}


def _reports(checked: CheckedBatch, broken: Iterable[TestOutcome], batch: Batch) -> dict[str, pa.Table]:
    moment = now()
    rows = ({**asdict(row), "quarantined_at": moment} for row in checked.quarantined)
    return {
        "quarantined_rows": ops_rows("quarantined_rows", rows),
        "check_outcomes": ops_rows("check_outcomes", map(asdict, checked.outcomes)),
        "mart_test_failures": ops_rows("mart_test_failures", _failures(broken, batch, moment)),
    }


def _failures(broken: Iterable[TestOutcome], batch: Batch, moment: str) -> Iterator[dict[str, Any]]:
    for test in broken:
        whose = (
            "its rows"
            if test.replay_ids
            else f"rows of a batch of {len(batch.replay_ids)} replays, this one among them,"
        )
        for replay_id in _concerned(test, batch):
            yield {
                "replay_id": replay_id,
                "relation": test.relation,
                "test_name": test.name,
                "detail": f"{whose} break {test.description}",
                "tested_at": moment,
            }


def _concerned(test: TestOutcome, batch: Batch) -> tuple[str, ...]:
    """The replays whose rows break a test; all of the batch where the rows name none."""
    return test.replay_ids or tuple(sorted(batch.replay_ids))
