"""Assets of replays: discovered, validated, extracted, retried, observed. Each body calls one pipeline stage and reports
it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import dagster as dg
from pydantic import Field

from sc2_pipeline.config import Settings
from sc2_pipeline.orchestration.failures import (
    FAILED,
    FEW_FAILED,
    FILE_FAULTS_OF_STEP,
    GATE,
    Failures,
    failed_replays,
    replays_with_broken_files,
)
from sc2_pipeline.orchestration.game_progress import ProgressObserver, backfill_metadata, pace_metadata, plan_words
from sc2_pipeline.orchestration.metadata import failure_words, sentences_metadata
from sc2_pipeline.orchestration.partitioning import CODE_VERSION, EXTRACTED, REPLAYS_VERSION, Partitioning
from sc2_pipeline.orchestration.partitions import keep_keys
from sc2_pipeline.orchestration.resources import HomeResource, WatchedFoldersResource, saying_what_to_do
from sc2_pipeline.pipeline.game_backfill import ALL, game_backfill
from sc2_pipeline.pipeline.stages import (
    Judged,
    Outcome,
    chosen_replays,
    extract_replays,
    find_replays,
    judge_replays,
)

GAME_POOL = "game_instances"

BATCH = dg.AssetKey("extraction_batch")
RETRIED = dg.AssetKey("retried_replays")
OBSERVED = dg.AssetKey("observed_replays")

_EXTRACT = {"step": "extract"}


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
    return [_validated(partitioning), _extraction(partitioning), _retried(partitioning), _observed(partitioning)]


def _validated(partitioning: Partitioning) -> dg.AssetsDefinition:
    @dg.asset(group_name="replays", kinds={"sqlite"}, tags={"step": "validate"}, deps=[discovered_replays])
    def validated_replays(context: dg.AssetExecutionContext, home: HomeResource) -> dg.MaterializeResult[None]:
        """Filter results of every known replay. Adds partitions for accepted and unreadable replays, not for rejected
        ones."""
        with saying_what_to_do():
            judged = judge_replays(home.settings())
            wanted = partitioning.keys(home.settings(), (*judged.accepted, *judged.failed))
        drop = partitioning.keys_to_drop(judged)
        return _judged(judged, keep_keys(context.instance, partitioning.name, add=wanted, drop=drop))

    return validated_replays


def _extraction(partitioning: Partitioning) -> dg.AssetsDefinition:
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
            told = Failures.of(outcomes).check(settings)
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

    return extraction


def _retried(partitioning: Partitioning) -> dg.AssetsDefinition:
    @dg.asset(key=RETRIED, group_name="replays", kinds={"parquet"}, tags=_EXTRACT, deps=[EXTRACTED], pool=GAME_POOL)
    def retried_replays(
        context: dg.AssetExecutionContext, home: HomeResource, config: RetryConfig
    ) -> dg.MaterializeResult[None]:
        """Retries replays in one run, whatever partitions they are in; partitions whose replays succeed turn green."""
        with saying_what_to_do():
            settings = home.settings()
            asked = chosen_replays(settings, config.replays)
        return _batch(RETRIED, _extracted(context, RETRIED, settings, partitioning, asked, tries_again=True))

    return retried_replays


def _observed(partitioning: Partitioning) -> dg.AssetsDefinition:
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

    return observed_replays


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
    description="What one run extracted, as a whole; loading continues from here with the replays that succeeded.",
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
    failed = failed_replays(outcomes)
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
            FILE_FAULTS_OF_STEP: dg.MetadataValue.json(replays_with_broken_files(outcomes)),
            **(more or {}),
        },
    )
