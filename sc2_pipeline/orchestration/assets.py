"""Assets of replays: discovered, validated, extracted, loaded, published. Each body calls one pipeline stage and
reports it.

SQL models are in ``sql_assets``; their contents are defined in ``dbt_like_sql``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import dagster as dg
from pydantic import Field

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import FILE_FAULTS
from sc2_pipeline.orchestration.asset_checks import (
    BATCH_TESTS,
    LOADED,
    batch_tallies,
    contract_checks,
    contract_results,
)
from sc2_pipeline.orchestration.freshness import FRESHNESS
from sc2_pipeline.orchestration.game_progress import ProgressObserver, backfill_metadata, pace_metadata, plan_words
from sc2_pipeline.orchestration.metadata import failure_words, failures_said, sample_metadata, sentences_metadata
from sc2_pipeline.orchestration.partitioning import CODE_VERSION, EXTRACTED, REPLAYS_VERSION, Partitioning
from sc2_pipeline.orchestration.partitions import keep_keys
from sc2_pipeline.orchestration.resources import HomeResource, WatchedFoldersResource, saying_what_to_do
from sc2_pipeline.orchestration.sql import MODELS
from sc2_pipeline.pipeline.compaction import compact_lake
from sc2_pipeline.pipeline.game_backfill import ALL, game_backfill
from sc2_pipeline.pipeline.stages import (
    Judged,
    Outcome,
    chosen_replays,
    extract_replays,
    find_replays,
    judge_replays,
)
from sc2_pipeline.pipeline.warehouse_stages import LoadReport, load_replays, publish_warehouse
from sc2_pipeline.sql_models import input_tables

GAME_POOL = "game_instances"
WRITER_POOL = "warehouse_writer"

FAILED = "failed_replays"
"""Metadata key under which a step lists the replays that failed in it; ``failures_gate`` collects them."""

FILE_FAULTS_OF_STEP = "replays_with_broken_files"
"""Metadata key under which a step lists those of its failed replays whose file is to blame."""

FEW_FAILED = "few_replays_failed"
"""Check of ``failures_gate``."""

BATCH = dg.AssetKey("extraction_batch")
RETRIED = dg.AssetKey("retried_replays")
OBSERVED = dg.AssetKey("observed_replays")
GATE = dg.AssetKey("failures_gate")

_EXTRACT = {"step": "extract"}
_PUBLISH = {"step": "publish"}

RUNS_AT_ONCE = 50
"""Number of latest materializations searched for this run's: no more runs than this report between two steps of one
run."""


class FindConfig(dg.Config):
    """Run configuration of ``discovered_replays``: which folders to scan."""

    folders: list[str] = Field(default_factory=list, description="Folders or files; left out: the watched folders.")


class RetryConfig(dg.Config):
    """Run configuration of ``retried_replays``: which replays to retry."""

    replays: list[str] = Field(
        default=["failed"],
        description="Replay ids, file names, batches, or the words `failed` (whatever failed) and `missing` (accepted, never "
        "extracted).",
    )


class ObserveConfig(dg.Config):
    """Run configuration of ``observed_replays``: which replays to run through the game."""

    replays: list[str] = Field(
        default=[ALL],
        description="Replay ids, file names or batches; `all`: whatever the filters want of what is extracted.",
    )


@dg.asset(group_name="replays", kinds={"file"}, tags={"step": "discover"})
def discovered_replays(
    home: HomeResource, watched_folders: WatchedFoldersResource, config: FindConfig
) -> dg.MaterializeResult[None]:
    """Every replay file under the folders, identified by the hash of its bytes; identical files are one replay."""
    with saying_what_to_do():
        settings = home.settings()
        folders = [Path(folder) for folder in config.folders] or watched_folders.paths(settings.home)
        found = find_replays(settings, folders)
    return dg.MaterializeResult(
        metadata={
            "files": found.files,
            "replays": len(found.replay_ids),
            "duplicates": found.duplicates,
            "unreadable": len(found.unreadable),
            "unreadable_files": sentences_metadata(found.unreadable),
            "folders": [str(folder) for folder in folders],
        }
    )


def replay_assets(partitioning: Partitioning) -> list[dg.AssetsDefinition]:
    """The assets that depend on the partitioning: ``validated_replays``, ``extracted``, ``retried_replays`` and
    ``observed_replays``."""

    @dg.asset(group_name="replays", kinds={"sqlite"}, tags={"step": "validate"}, deps=[discovered_replays])
    def validated_replays(context: dg.AssetExecutionContext, home: HomeResource) -> dg.MaterializeResult[None]:
        """Filter results of every known replay. Adds partitions for accepted and unreadable replays, not for rejected
        ones."""
        with saying_what_to_do():
            judged = judge_replays(home.settings())
            wanted = partitioning.keys(home.settings(), (*judged.accepted, *judged.failed))
        drop = partitioning.keys_to_drop(judged)
        return _judged(judged, keep_keys(context.instance, partitioning.name, add=wanted, drop=drop))

    @dg.multi_asset(
        specs=[_extracted_spec(partitioning), _BATCH_SPEC],
        name="extraction",
        can_subset=True,
        backfill_policy=dg.BackfillPolicy.multi_run(partitioning.per_run),
        pool=GAME_POOL,
    )
    def extraction(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
        """Extracts the run's replays on the workers; each partition is materialized when its last replay finishes."""
        with saying_what_to_do():
            settings = home.settings()
            asked = partitioning.replays(settings, context.partition_keys)
        outcomes = _extracted(context, BATCH, settings, partitioning, asked)
        if BATCH in context.selected_asset_keys:
            yield _batch(BATCH, outcomes)
        else:
            told = _Failures.of(outcomes).check(settings)
            context.instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=GATE,
                    check_name=FEW_FAILED,
                    passed=told.passed,
                    severity=told.severity,
                    description=told.description,
                    metadata=told.metadata,
                )
            )

    @dg.asset(key=RETRIED, group_name="replays", kinds={"parquet"}, tags=_EXTRACT, deps=[EXTRACTED], pool=GAME_POOL)
    def retried_replays(
        context: dg.AssetExecutionContext, home: HomeResource, config: RetryConfig
    ) -> dg.MaterializeResult[None]:
        """Retries replays in one run, whatever partitions they are in; partitions whose replays succeed turn green."""
        with saying_what_to_do():
            settings = home.settings()
            asked = chosen_replays(settings, config.replays)
        return _batch(RETRIED, _extracted(context, RETRIED, settings, partitioning, asked, tries_again=True))

    @dg.asset(key=OBSERVED, group_name="replays", kinds={"parquet"}, tags=_EXTRACT, deps=[EXTRACTED], pool=GAME_POOL)
    def observed_replays(
        context: dg.AssetExecutionContext, home: HomeResource, config: ObserveConfig
    ) -> dg.MaterializeResult[None]:
        """Runs the game over replays that only the tracker has extracted, where a client of their build is installed;
        the others keep the tracker's rows."""
        with saying_what_to_do():
            chosen = game_backfill(home.settings(), config.replays)
        context.log.info(f"estimate: {plan_words(chosen)}")
        outcomes = _extracted(context, OBSERVED, chosen.settings, partitioning, chosen.replay_ids, tries_again=True)
        return _batch(OBSERVED, outcomes, backfill_metadata(chosen))

    return [validated_replays, extraction, retried_replays, observed_replays]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            relation.split("."),
            deps=[BATCH, RETRIED, OBSERVED],
            group_name="raw",
            kinds={"duckdb"},
            tags={"step": "load", "layer": "raw"},
            description=f"{table.description} {table.grain}",
        )
        for relation, table in input_tables().items()
    ],
    check_specs=contract_checks(),
    pool=WRITER_POOL,
)
def loaded_tables(home: HomeResource) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Checks and loads all extracted replays that are not loaded yet, in batches, each with its marts in one
    transaction."""
    with saying_what_to_do():
        report = load_replays(home.settings())
    yield from _loaded(report, batch_tallies(report))


@dg.asset(
    group_name="published",
    kinds={"duckdb"},
    tags=_PUBLISH,
    deps=[model.relation.split(".") for model in MODELS],
    pool=WRITER_POOL,
    freshness_policy=FRESHNESS,
)
def published_warehouse(home: HomeResource) -> dg.MaterializeResult[None]:
    """The file that people open: a read-only copy of the warehouse that replaces the previous one atomically."""
    with saying_what_to_do():
        report = publish_warehouse(home.settings())
    if report is None:
        return dg.MaterializeResult(metadata={"is_changed": False})
    return dg.MaterializeResult(
        metadata={
            "is_changed": True,
            "dagster/row_count": report.rows,
            "replays": report.replays,
            "bytes": report.bytes,
            "seconds": round(report.seconds, 3),
            "path": dg.MetadataValue.path(str(report.path)),
        }
    )


@dg.asset(
    group_name="published", kinds={"parquet"}, tags={"step": "compact"}, deps=[published_warehouse], pool=WRITER_POOL
)
def compacted_lake(home: HomeResource) -> dg.MaterializeResult[None]:
    """The lake's many small files merged into a few sorted ones, and a published warehouse that reads those."""
    with saying_what_to_do():
        report = compact_lake(home.settings())
    numbers = asdict(report)
    return dg.MaterializeResult(metadata={**numbers, "seconds": round(report.seconds, 3)})


@dg.asset(
    key=GATE,
    group_name="published",
    kinds={"python"},
    tags=_PUBLISH,
    deps=[published_warehouse, BATCH, RETRIED, OBSERVED, LOADED.split(".")],
    check_specs=[
        dg.AssetCheckSpec(
            FEW_FAILED,
            asset=GATE,
            description="No replay of the last run failed. A warning that names the failed ones while they are at most the share "
            "`max_failed_share` of the run, and their files are to blame; beyond that the run itself fails.",
        )
    ],
)
def failures_gate(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Fails as the run's last step, with the list of failed replays, if more failed than usual; the others are published
    by then."""
    with saying_what_to_do():
        settings = home.settings()
    failures = _Failures()
    for key in (BATCH, RETRIED, OBSERVED, dg.AssetKey(LOADED.split("."))):
        failures.add(_metadata_in_run(context, key))
    told = failures.check(settings)
    yield dg.MaterializeResult(metadata={"failed": len(failures.failed)})
    yield told


def _judged(judged: Judged, keys: Sequence[str]) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        metadata={
            "accepted": len(judged.accepted),
            "rejected": len(judged.rejected),
            "failed": len(judged.failed),
            "partitions": len(keys),
            "rejected_replays": sentences_metadata(judged.rejected),
            "unreadable_replays": sentences_metadata(judged.failed),
        },
        data_version=dg.DataVersion(REPLAYS_VERSION),
    )


_BATCH_SPEC = dg.AssetSpec(
    BATCH,
    deps=[EXTRACTED],
    group_name="replays",
    kinds={"parquet"},
    tags=_EXTRACT,
    description="What one run extracted, as a whole: loading goes on from here, with the replays that came through.",
)


def _extracted_spec(partitioning: Partitioning) -> dg.AssetSpec:
    return dg.AssetSpec(
        EXTRACTED,
        partitions_def=partitioning.definition,
        skippable=True,
        deps=["validated_replays"],
        group_name="replays",
        kinds={"parquet"},
        tags=_EXTRACT,
        description=partitioning.description,
        code_version=CODE_VERSION,
    )


def _extracted(
    context: dg.AssetExecutionContext,
    key: dg.AssetKey,
    settings: Settings,
    partitioning: Partitioning,
    asked: Sequence[str],
    *,
    tries_again: bool = False,
) -> list[Outcome]:
    outcomes = []
    with saying_what_to_do():
        watch = ProgressObserver(key, context.log_event)
        told = partitioning.teller(settings, asked)
        # Closed explicitly, so that replays in progress are recorded as stopped when the run is terminated.
        with closing(extract_replays(settings, asked, tries_again=tries_again, watch=watch)) as extracted:
            for outcome in extracted:
                outcomes.append(outcome)
                if outcome.status == "failed":
                    # The event of an observation has no text of its own in the log.
                    context.log.warning(failure_words(outcome))
                if event := told(outcome):
                    context.log_event(event)
    return outcomes


def _batch(
    key: dg.AssetKey, outcomes: Sequence[Outcome], more: Mapping[str, dg.MetadataValue | int | str] | None = None
) -> dg.MaterializeResult[None]:
    counts = Counter(outcome.status for outcome in outcomes)
    good = [outcome for outcome in outcomes if outcome.status == "extracted"]
    failed = _failed(outcomes)
    return dg.MaterializeResult(
        asset_key=key,
        metadata={
            "replays": len(outcomes),
            "replays_ok": counts["extracted"],
            "replays_failed": counts["failed"],
            "replays_rejected": counts["rejected"],
            "replays_extracted_before": sum(1 for outcome in good if not outcome.is_new),
            "rows": sum(outcome.rows for outcome in good),
            "seconds_per_replay": round(sum(outcome.seconds for outcome in good) / max(1, len(good)), 4),
            **pace_metadata(good),
            "failures": sentences_metadata(failed),
            FAILED: dg.MetadataValue.json(failed),
            FILE_FAULTS_OF_STEP: dg.MetadataValue.json(_with_broken_files(outcomes)),
            **(more or {}),
        },
    )


def _loaded(
    report: LoadReport, tallies: Mapping[str, Mapping[str, int]]
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    numbers: dict[str, dg.MetadataValue | int | float] = {
        "replays_loaded": len(report.loaded),
        "replays_left_out": len(report.left_out),
        "broken_mart_tests": dg.MetadataValue.json(
            {test: sorted(ids)[:20] for test, ids in report.broken_mart_tests.items()}
        ),
        "seconds": round(report.seconds, 3),
        FAILED: dg.MetadataValue.json(dict(report.left_out)),
    }
    if tallies:
        numbers[BATCH_TESTS] = dg.MetadataValue.json({"replays": len(report.loaded), "models": tallies})
    for relation, table in input_tables().items():
        descriptions = {column.name: column.description for column in table.columns}
        shown = sample_metadata(report.samples[relation], descriptions) if relation in report.samples else {}
        is_first = relation == LOADED
        yield dg.MaterializeResult(asset_key=relation.split("."), metadata={**shown, **(numbers if is_first else {})})
    yield from contract_results(report)


def _failed(outcomes: Iterable[Outcome]) -> dict[str, str]:
    return {
        outcome.replay_id: f"{outcome.file_name or 'no file'}: {outcome.detail}"
        for outcome in outcomes
        if outcome.status == "failed"
    }


def _with_broken_files(outcomes: Iterable[Outcome]) -> list[str]:
    return [outcome.replay_id for outcome in outcomes if outcome.status == "failed" and outcome.reason in FILE_FAULTS]


@dataclass(kw_only=True)
class _Failures:
    """Failed replays of a run, with why, and those of them whose files are to blame."""

    failed: dict[str, str] = field(default_factory=dict)
    with_broken_files: set[str] = field(default_factory=set)
    replays: int = 0

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Self:
        """Those of one extraction."""
        broken = set(_with_broken_files(outcomes))
        return cls(failed=_failed(outcomes), with_broken_files=broken, replays=len(outcomes))

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
            metadata={"failed": len(self.failed), "failures": sentences_metadata(self.failed)},
        )


def _metadata_in_run(context: dg.AssetExecutionContext, key: dg.AssetKey) -> Mapping[str, dg.MetadataValue[Any]]:
    """Metadata of a step of this run; ignores materializations of other runs."""
    records = context.instance.fetch_materializations(key, limit=RUNS_AT_ONCE).records
    for record in records:
        if record.run_id == context.run.run_id and record.asset_materialization is not None:
            return dict(record.asset_materialization.metadata)
    return {}


def _left_behind(failed: Mapping[str, str]) -> dg.Failure:
    sentence = (
        f"{len(failed)} of the run's replays failed, the others went on: {failures_said(failed)}. "
        "Mend what can be mended and launch the job retry_replays"
    )
    return dg.Failure(description=sentence, metadata={"failures": sentences_metadata(failed)}, allow_retries=False)
