"""Results of a batch's checks and tests, as rows of schema ``ops``."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from sc2_pipeline.manifest import now
from sc2_pipeline.steps.check import CheckedBatch
from sc2_pipeline.tables.ops import ops_rows
from sc2_pipeline.warehouse.batch.contents import Batch
from sc2_pipeline.warehouse.data_tests import TestOutcome


def batch_reports(checked: CheckedBatch, broken: Iterable[TestOutcome], batch: Batch) -> dict[str, pa.Table]:
    """Rows by table: quarantined rows, check outcomes, and failed mart tests with one row per replay."""
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
        for replay_id in concerned_replays(test, batch):
            yield {
                "replay_id": replay_id,
                "relation": test.relation,
                "test_name": test.name,
                "detail": f"{whose} break {test.description}",
                "tested_at": moment,
            }


def concerned_replays(test: TestOutcome, batch: Batch) -> tuple[str, ...]:
    """The replays whose rows break a test; the whole batch if the outcome names none."""
    return test.replay_ids or tuple(sorted(batch.replay_ids))
