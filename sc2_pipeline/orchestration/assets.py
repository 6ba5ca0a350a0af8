"""Assets of replays: discovered, validated, extracted, loaded, published. Each body calls one pipeline stage and
reports it.

SQL models are in ``sql_assets``; their contents are defined in ``dbt_like_sql``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import dagster as dg
from pydantic import Field

from sc2_pipeline.orchestration.asset_checks import contract_checks, contract_results
from sc2_pipeline.orchestration.freshness import FRESHNESS
from sc2_pipeline.orchestration.game_progress import ProgressObserver, pace_metadata
from sc2_pipeline.orchestration.metadata import failures_said, sample_metadata, sentences_metadata
from sc2_pipeline.orchestration.partitioning import EXTRACTED, Partitioning
from sc2_pipeline.orchestration.partitions import keep_keys
from sc2_pipeline.orchestration.resources import HomeResource, WatchedFoldersResource, saying_what_to_do
from sc2_pipeline.orchestration.sql import MODELS
from sc2_pipeline.pipeline.compaction import compact_lake
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

BATCH = dg.AssetKey("extraction_batch")
RETRIED = dg.AssetKey("retried_replays")
LOADED = "raw.replays"
"""The raw table whose materializations carry the metadata of the whole load."""

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
        description="Replay ids, batches, or the words `failed` (whatever failed) and `missing` (accepted, never extracted).",
    )


@dg.asset(group_name="replays", kinds={"file"})
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
    """The assets that depend on the partitioning: ``validated_replays``, ``extracted`` and ``retried_replays``."""

    @dg.asset(group_name="replays", kinds={"sqlite"}, deps=[discovered_replays])
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
            asked = partitioning.replays(home.settings(), context.partition_keys)
        outcomes = _extracted(context, home, partitioning, asked)
        if BATCH in context.selected_asset_keys:
            yield _batch(BATCH, outcomes)
        elif failed := _failed(outcomes):
            raise _left_behind(failed)

    @dg.asset(key=RETRIED, group_name="replays", kinds={"parquet"}, deps=[EXTRACTED], pool=GAME_POOL)
    def retried_replays(
        context: dg.AssetExecutionContext, home: HomeResource, config: RetryConfig
    ) -> dg.MaterializeResult[None]:
        """Retries replays in one run, whatever partitions they are in; partitions whose replays succeed turn green."""
        with saying_what_to_do():
            asked = chosen_replays(home.settings(), config.replays)
        return _batch(RETRIED, _extracted(context, home, partitioning, asked, tries_again=True))

    return [validated_replays, extraction, retried_replays]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            relation.split("."),
            deps=[BATCH, RETRIED],
            group_name="raw",
            kinds={"duckdb"},
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
    yield from _loaded(report)


@dg.asset(
    group_name="published",
    kinds={"duckdb"},
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


@dg.asset(group_name="published", kinds={"parquet"}, deps=[published_warehouse], pool=WRITER_POOL)
def compacted_lake(home: HomeResource) -> dg.MaterializeResult[None]:
    """The lake's many small files merged into a few sorted ones, and a published warehouse that reads those."""
    with saying_what_to_do():
        report = compact_lake(home.settings())
    numbers = asdict(report)
    return dg.MaterializeResult(metadata={**numbers, "seconds": round(report.seconds, 3)})


@dg.asset(group_name="published", deps=[published_warehouse, BATCH, RETRIED, LOADED.split(".")])
def failures_gate(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Fails as the run's last step, with the list of failed replays, if any failed; the others are published by
    then."""
    failed: dict[str, str] = {}
    for key in (BATCH, RETRIED, dg.AssetKey(LOADED.split("."))):
        failed |= _failed_in_run(context, key)
    if failed:
        raise _left_behind(failed)
    return dg.MaterializeResult(metadata={"failed": 0})


def _judged(judged: Judged, keys: Sequence[str]) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        metadata={
            "accepted": len(judged.accepted),
            "rejected": len(judged.rejected),
            "failed": len(judged.failed),
            "partitions": len(keys),
            "rejected_replays": sentences_metadata(judged.rejected),
            "unreadable_replays": sentences_metadata(judged.failed),
        }
    )


_BATCH_SPEC = dg.AssetSpec(
    BATCH,
    deps=[EXTRACTED],
    group_name="replays",
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
        description=partitioning.description,
    )


def _extracted(
    context: dg.AssetExecutionContext,
    home: HomeResource,
    partitioning: Partitioning,
    asked: Sequence[str],
    *,
    tries_again: bool = False,
) -> list[Outcome]:
    outcomes = []
    with saying_what_to_do():
        watch = ProgressObserver(RETRIED if tries_again else BATCH, context.log_event)
        told = partitioning.teller(home.settings(), asked)
        # Closed explicitly, so that replays in progress are recorded as stopped when the run is terminated.
        with closing(extract_replays(home.settings(), asked, tries_again=tries_again, watch=watch)) as extracted:
            for outcome in extracted:
                outcomes.append(outcome)
                if event := told(outcome):
                    context.log_event(event)
    return outcomes


def _batch(key: dg.AssetKey, outcomes: Sequence[Outcome]) -> dg.MaterializeResult[None]:
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
            "rows": sum(outcome.rows for outcome in good),
            "seconds_per_replay": round(sum(outcome.seconds for outcome in good) / max(1, len(good)), 4),
            **pace_metadata(good),
            "failures": sentences_metadata(failed),
            FAILED: dg.MetadataValue.json(failed),
        },
    )


def _loaded(report: LoadReport) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    numbers: dict[str, dg.MetadataValue | int | float] = {
        "replays_loaded": len(report.loaded),
        "replays_left_out": len(report.left_out),
        "broken_mart_tests": dg.MetadataValue.json(
            {test: sorted(ids)[:20] for test, ids in report.broken_mart_tests.items()}
        ),
        "seconds": round(report.seconds, 3),
        FAILED: dg.MetadataValue.json(dict(report.left_out)),
    }
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


def _failed_in_run(context: dg.AssetExecutionContext, key: dg.AssetKey) -> dict[str, str]:
    """Failed replays from the metadata of a step of this run; ignores materializations of other runs."""
    records = context.instance.fetch_materializations(key, limit=RUNS_AT_ONCE).records
    for record in records:
        if record.run_id == context.run.run_id and record.asset_materialization is not None:
            return dict(record.asset_materialization.metadata[FAILED].value)
    return {}


def _left_behind(failed: Mapping[str, str]) -> dg.Failure:
    sentence = (
        f"{len(failed)} of the run's replays failed, the others went on: {failures_said(failed)}. "
        "Mend what can be mended and launch the job retry_replays"
    )
    return dg.Failure(description=sentence, metadata={"failures": sentences_metadata(failed)}, allow_retries=False)
