"""Summary of a run, in numbers that add up."""

import dataclasses
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sc2_pipeline.manifest import Manifest

_EXAMPLES = 5
"""Replays listed per broken test; all of them are in ``ops.mart_test_failures``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MartTestFailure:
    """A test of our marts that rows of some loaded replays break; ``examples`` are a few of their ids."""

    test: str
    replays: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """Summary of a run. Counts are of replays, except ``files`` and ``duplicates``.

    files = found + duplicates, and found = loaded + already_loaded + rejected + failed + pending.
    ``incomplete`` counts loaded replays that the game ended before the replay does. ``mart_test_failures`` are tests of our marts broken by rows of loaded replays; ``stage_seconds`` are wall time.
    """

    files: int
    found: int
    duplicates: int
    rejected: int
    failed: int
    pending: int
    loaded: int
    already_loaded: int
    seconds: float
    warehouse: str
    rejected_by_reason: dict[str, int]
    failed_by_reason: dict[str, int]
    is_cancelled: bool = False
    incomplete: int = 0
    mart_test_failures: tuple[MartTestFailure, ...] = ()
    stage_seconds: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The fields as a JSON object."""
        return dataclasses.asdict(self)


def report_run(
    manifest: Manifest,
    found: Sequence[str],
    *,
    files: int,
    newly_loaded: Collection[str],
    warehouse: Path,
    stage_seconds: dict[str, float],
    is_cancelled: bool,
    broken_mart_tests: Mapping[str, Collection[str]],
) -> RunReport:
    """Counts the replays found by their current status in the manifest."""
    standing = manifest.replays(found)
    counts = Counter(row["status"] for row in standing.values())
    loaded = sum(1 for row in standing.values() if row["status"] == "loaded" and row["replay_id"] in newly_loaded)
    return RunReport(
        files=files,
        found=len(found),
        duplicates=files - len(found),
        rejected=counts["rejected"],
        failed=counts["failed"],
        pending=counts["found"] + counts["extracted"],
        loaded=loaded,
        already_loaded=counts["loaded"] - loaded,
        seconds=round(sum(stage_seconds.values()), 3),
        warehouse=str(warehouse),
        rejected_by_reason=_reasons(standing.values(), "rejected"),
        failed_by_reason=_reasons(standing.values(), "failed"),
        is_cancelled=is_cancelled,
        incomplete=_incomplete(manifest, [i for i, row in standing.items() if row["status"] == "loaded"]),
        mart_test_failures=_mart_test_failures(broken_mart_tests),
        stage_seconds={stage: round(seconds, 3) for stage, seconds in stage_seconds.items()},
    )


def _mart_test_failures(broken: Mapping[str, Collection[str]]) -> tuple[MartTestFailure, ...]:
    return tuple(
        MartTestFailure(test=test, replays=len(replay_ids), examples=tuple(sorted(replay_ids)[:_EXAMPLES]))
        for test, replay_ids in sorted(broken.items())
    )


def _incomplete(manifest: Manifest, replay_ids: Collection[str]) -> int:
    parts = manifest.current_extractions(replay_ids)
    return sum(1 for extraction in parts if extraction.part == "observation" and not extraction.is_complete)


def _reasons(rows: Collection[dict[str, Any]], status: str) -> dict[str, int]:
    return dict(Counter(str(row["reason"]) for row in rows if row["status"] == status).most_common())
