"""Sensors: ask the pipeline what is new and request runs for it. Only ``extracted_and_not_loaded`` is on by default."""

import hashlib
import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import dagster as dg

from sc2_pipeline.config import Settings
from sc2_pipeline.orchestration.jobs import ingest, load_extracted
from sc2_pipeline.orchestration.partitioning import EXTRACTED, Partitioning
from sc2_pipeline.orchestration.partitions import keep_keys, key_ranges, range_tags
from sc2_pipeline.orchestration.resources import HomeResource, WatchedFoldersResource, saying_what_to_do
from sc2_pipeline.pipeline.new_files import Arrived, Mark, arrivals
from sc2_pipeline.pipeline.stages import find_replays, judge_replays
from sc2_pipeline.pipeline.warehouse_stages import is_being_written, waiting_replays

FILES_PER_TICK = 2_000
SECONDS_BETWEEN_TICKS = 10
FILES_AT_ONCE = 100
SECONDS_PER_TICK = 20.0
"""Dagster aborts a tick after a minute; files not reached are left for the next tick."""

_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def sensors(partitioning: Partitioning) -> list[dg.SensorDefinition]:
    """All sensors, for that partitioning."""
    return [_new_replays(partitioning), _partitions_never_run(partitioning), extracted_and_not_loaded]


def _new_replays(partitioning: Partitioning) -> dg.SensorDefinition:
    @dg.sensor(
        job=ingest,
        minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Takes replays that come to the watched folders: from extraction to the published warehouse.",
    )
    def new_replays(
        context: dg.SensorEvaluationContext, home: HomeResource, watched_folders: WatchedFoldersResource
    ) -> dg.SensorResult | dg.SkipReason:
        """Validates new replays in the watched folders, adds their partition keys and requests runs for them."""
        with saying_what_to_do():
            settings = home.settings()
            folders = watched_folders.paths(settings.home)
            marks = _marks(context.cursor)
            files = _arrived(folders, marks, watched_folders.settled_after(), settings.pack_password)
            if not files:
                return dg.SkipReason(_nothing_new(folders))
            accepted, failed, untried, seen = _taken(settings, files)
            present = partitioning.keys(settings, (*accepted, *failed))
            again = partitioning.keys(settings, untried)
        marks |= {str(folder): file.mark for folder, file in seen}
        known = set(context.instance.get_dynamic_partitions(partitioning.name))
        wanted = {*(key for key in present if key not in known), *again}
        keys = keep_keys(context.instance, partitioning.name, add=present)
        return dg.SensorResult(
            run_requests=_range_runs(wanted, keys, partitioning),
            cursor=json.dumps({folder: asdict(mark) for folder, mark in marks.items()}),
        )

    return new_replays


def _partitions_never_run(partitioning: Partitioning) -> dg.SensorDefinition:
    @dg.sensor(
        job=ingest,
        minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Runs over partitions that no run has tried, such as those that the job `discover` adds.",
    )
    def partitions_never_run(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        """Requests runs for partitions that have never been run, such as those the discover job adds."""
        if under_way := _under_way(context.instance):
            return dg.SkipReason(f"{under_way} runs are under way; they may be about these partitions")
        keys = context.instance.get_dynamic_partitions(partitioning.name)
        statuses = context.instance.get_status_by_partition(EXTRACTED, keys, partitioning.definition) or {}
        untried = {key for key in keys if statuses.get(key) is None}
        # A run that tolerates failed replays leaves their partitions without a status, and with an observation.
        never_run = (
            untried
            - context.instance.event_log_storage.get_latest_storage_id_by_partition(
                EXTRACTED, dg.DagsterEventType.ASSET_OBSERVATION, untried
            ).keys()
        )
        # No run keys: partitions of a run that was cancelled early are requested again; a run that fails marks its
        # partitions.
        requests = [
            dg.RunRequest(tags=range_tags(first, last))
            for first, last, _ in key_ranges(never_run, keys, size=partitioning.per_request)
        ]
        return dg.SensorResult(run_requests=requests) if requests else dg.SkipReason("every partition has been run")

    return partitions_never_run


@dg.sensor(
    job=load_extracted,
    minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Loads what was extracted and not loaded, as after materializing partitions of `extracted` alone, once no run is "
    "active and no other process writes the warehouse. On by default.",
)
def extracted_and_not_loaded(
    context: dg.SensorEvaluationContext, home: HomeResource
) -> dg.SensorResult | dg.SkipReason:
    """Loads what a backfill of ``extracted`` left in the lake, unless a run that will load it is in progress."""
    with saying_what_to_do():
        settings = home.settings()
        waiting = waiting_replays(settings)
    if not waiting:
        return dg.SkipReason("whatever is extracted is loaded")
    if under_way := _under_way(context.instance):
        return dg.SkipReason(
            f"{len(waiting)} replays wait, and {under_way} runs are under way that load them, or add more"
        )
    if is_being_written(settings):
        return dg.SkipReason(f"{len(waiting)} replays wait, and another process is writing the warehouse")
    key = _digest(f"{replay_id} {moment}" for replay_id, moment in waiting)
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key)])


def _marks(cursor: str | None) -> dict[str, Mark]:
    return {folder: Mark(**mark) for folder, mark in json.loads(cursor or "{}").items()}


def _arrived(
    folders: Iterable[Path], marks: Mapping[str, Mark], settle_seconds: float, password: str | None
) -> list[tuple[Path, Arrived]]:
    settled_before_ns = time.time_ns() - int(settle_seconds * 1e9)
    files: list[tuple[Path, Arrived]] = []
    for folder in folders:
        mark = marks.get(str(folder), Mark())
        limit = FILES_PER_TICK - len(files)
        new = arrivals(folder, mark, settled_before_ns=settled_before_ns, limit=limit, password=password)
        files += [(folder, file) for file in new] if folder.is_dir() else []
    return files


def _nothing_new(folders: Iterable[Path]) -> str:
    gone = [str(folder) for folder in folders if not folder.is_dir()]
    return f"watched folders that are not there: {', '.join(gone)}; make them" if gone else "no new replay"


def _taken(
    settings: Settings, files: list[tuple[Path, Arrived]]
) -> tuple[list[str], list[str], list[str], list[tuple[Path, Arrived]]]:
    """Accepted, failed and untried replay ids, and the files processed before the tick's deadline (at least one
    group)."""
    deadline = time.monotonic() + SECONDS_PER_TICK
    accepted: list[str] = []
    failed: list[str] = []
    untried: list[str] = []
    seen: list[tuple[Path, Arrived]] = []
    while len(seen) < len(files) and (not seen or time.monotonic() < deadline):
        part = files[len(seen) : len(seen) + FILES_AT_ONCE]
        found = find_replays(settings, [file.path for _, file in part])
        judged = judge_replays(settings, found.replay_ids)
        accepted += judged.accepted
        failed += judged.failed
        untried += judged.untried
        seen += part
    return accepted, failed, untried, seen


def _range_runs(wanted: Collection[str], keys: Sequence[str], partitioning: Partitioning) -> list[dg.RunRequest]:
    return [
        dg.RunRequest(run_key=_digest(part), tags=range_tags(first, last))
        for first, last, part in key_ranges(wanted, keys, size=partitioning.per_request)
    ]


def _under_way(instance: dg.DagsterInstance) -> int:
    """Number of active runs that may extract or load; runs of a backfill have no named job."""
    return len(instance.get_run_records(dg.RunsFilter(statuses=_UNDER_WAY), limit=20))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
