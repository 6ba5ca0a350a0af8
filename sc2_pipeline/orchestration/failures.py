"""Failed replays of a run: how steps report them, and when they fail the run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import dagster as dg

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import FILE_FAULTS
from sc2_pipeline.orchestration.metadata import failures_said, sentences_metadata
from sc2_pipeline.pipeline.stages import Outcome

FAILED = "failed_replays"
"""Metadata key under which a step lists the replays that failed in it; ``failures_gate`` collects them."""

FILE_FAULTS_OF_STEP = "replays_with_broken_files"
"""Metadata key under which a step lists those of its failed replays whose file is to blame."""

FEW_FAILED = "few_replays_failed"
"""Check of ``failures_gate``."""

GATE = dg.AssetKey("failures_gate")


def failed_replays(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """File name and reason by failed replay."""
    return {
        outcome.replay_id: f"{outcome.file_name or 'no file'}: {outcome.detail}"
        for outcome in outcomes
        if outcome.status == "failed"
    }


def replays_with_broken_files(outcomes: Iterable[Outcome]) -> list[str]:
    """Ids of the failed replays whose file is to blame."""
    return [outcome.replay_id for outcome in outcomes if outcome.status == "failed" and outcome.reason in FILE_FAULTS]


@dataclass(kw_only=True)
class Failures:
    """Failed replays of a run, with why, and those of them whose files are to blame."""

    failed: dict[str, str] = field(default_factory=dict)
    with_broken_files: set[str] = field(default_factory=set)
    replays: int = 0

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Self:
        """Those of one extraction."""
        broken = set(replays_with_broken_files(outcomes))
        return cls(failed=failed_replays(outcomes), with_broken_files=broken, replays=len(outcomes))

    def add(self, metadata: Mapping[str, dg.MetadataValue[Any]]) -> None:
        """Adds those that a step of the run reported."""
        for name, put in ((FAILED, self.failed.update), (FILE_FAULTS_OF_STEP, self.with_broken_files.update)):
            if name in metadata:
                put(metadata[name].value)
        if "replays" in metadata:
            self.replays += metadata["replays"].value

    def check(self, settings: Settings) -> dg.AssetCheckResult:
        """Result of the check; raises Failure for more than a usual share, or for other faults than those of files."""
        is_usual = len(self.failed) <= settings.max_failed_share * self.replays
        if self.failed and not (is_usual and self.failed.keys() <= self.with_broken_files):
            raise _left_behind(self.failed)
        said = f"{len(self.failed)} of {self.replays} replays failed: {failures_said(self.failed)}"
        return dg.AssetCheckResult(
            asset_key=GATE,
            check_name=FEW_FAILED,
            passed=not self.failed,
            severity=dg.AssetCheckSeverity.WARN,
            description=said if self.failed else None,
            metadata={
                "failed": len(self.failed),
                **({"failures": sentences_metadata(self.failed)} if self.failed else {}),
            },
        )


def _left_behind(failed: Mapping[str, str]) -> dg.Failure:
    sentence = (
        f"{len(failed)} of the run's replays failed, the others went on: {failures_said(failed)}. "
        "Mend what can be mended and launch the job retry_replays"
    )
    return dg.Failure(description=sentence, metadata={"failures": sentences_metadata(failed)}, allow_retries=False)
