"""Partitionings: whether a partition of ``extracted`` is one replay or a batch of replays, and which events it gets."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import dagster as dg

from sc2_pipeline.config import Settings, read_partition_by
from sc2_pipeline.orchestration.game_progress import pace_metadata
from sc2_pipeline.orchestration.metadata import (
    failure_words,
    failures_said,
    lobby_metadata,
    replay_words,
    sentences_metadata,
)
from sc2_pipeline.pipeline.batches import BATCH_REPLAYS, BatchStanding, EndingBatches, batches_of, replays_of
from sc2_pipeline.pipeline.stages import Judged, Outcome, Placed, code_version

EXTRACTED = dg.AssetKey("extracted")

CODE_VERSION = code_version()
"""Of ``extracted``: changes in a release whose decoders or tables give other rows with the same settings."""

REPLAYS_VERSION = "replays never change"
"""Data version of ``validated_replays``: a scan that finds more replays makes none of the extracted ones stale."""

VERSION_TAGS = {
    "dagster/code_version": CODE_VERSION,
    "dagster/input_data_version/validated_replays": REPLAYS_VERSION,
    "dagster/input_event_pointer/validated_replays": "NULL",
}
"""Dagster derives these for what a step returns, not for what it logs, as partitions are."""

NOTHING_TO_DO = "nothing was to be done: it was extracted before with these settings"

Event = dg.AssetMaterialization | dg.AssetObservation
Teller = Callable[[Outcome], Event | None]
"""Given the next outcome of a replay, returns the event of the partition that it completes, or None."""


class Partitioning(Protocol):
    """Maps replays to partitions of ``extracted``."""

    definition: dg.DynamicPartitionsDefinition
    description: str
    per_run: int
    """Partitions per run of a backfill."""
    per_request: int
    """Partitions per run that a sensor requests."""

    @property
    def name(self) -> str:
        """Name of the dynamic partitions definition."""
        ...

    def keys(self, settings: Settings, replay_ids: Sequence[str]) -> tuple[str, ...]:
        """Partition keys of those replays."""
        ...

    def key_of(self, replay: Placed) -> str | None:
        """Partition key of a known replay; None if it is in no batch yet."""
        ...

    def keys_to_drop(self, judged: Judged) -> Collection[str]:
        """Partition keys to delete after validation."""
        ...

    def replays(self, settings: Settings, keys: Sequence[str]) -> tuple[str, ...]:
        """Replay ids of those partitions."""
        ...

    def teller(self, settings: Settings, replay_ids: Collection[str]) -> Teller:
        """Turns outcomes of those replays, given one at a time, into partition events."""
        ...


@dataclass(frozen=True, slots=True)
class ByReplay:
    """One partition per replay; the key is the replay_id. Rejected replays have no partition."""

    name = "replays"
    definition = dg.DynamicPartitionsDefinition(name=name)
    description = (
        "One replay's raw rows in the lake. A red partition is a replay that failed; its historical events say why."
    )
    # A run costs seconds of overhead and a partition a few milliseconds; sensor runs are small so that cancelling one
    # loses little.
    per_run = 1_000
    per_request = 300

    def keys(self, settings: Settings, replay_ids: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002
        """The replay ids themselves."""
        return tuple(replay_ids)

    def key_of(self, replay: Placed) -> str | None:
        """Its id."""
        return replay.replay_id

    def keys_to_drop(self, judged: Judged) -> Collection[str]:
        """Ids of the rejected replays."""
        return judged.rejected.keys()

    def replays(self, settings: Settings, keys: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002
        """The keys themselves."""
        return tuple(keys)

    def teller(self, settings: Settings, replay_ids: Collection[str]) -> Teller:  # noqa: ARG002
        """Each outcome completes its own partition."""
        return _told_of_replay


@dataclass(frozen=True, slots=True)
class ByBatch:
    """One partition per batch of up to ``size`` replays that arrived together. The key is a date and a number."""

    size: int = BATCH_REPLAYS

    name = "replay_batches"
    definition = dg.DynamicPartitionsDefinition(name=name)
    description = (
        "The raw rows of a batch of replays in the lake. A red partition is a batch of which replays failed; its latest "
        "observation says which and why, and ops.replays where each one stands."
    )
    # Each run publishes the whole warehouse, so a run takes ten thousand replays.
    per_run = 10
    per_request = 10

    def keys(self, settings: Settings, replay_ids: Sequence[str]) -> tuple[str, ...]:
        """Batches of the replays; creates batches for those without one."""
        return batches_of(settings, replay_ids, size=self.size)

    def key_of(self, replay: Placed) -> str | None:
        """Its batch."""
        return replay.batch

    def keys_to_drop(self, judged: Judged) -> Collection[str]:  # noqa: ARG002
        """Always empty: batches are never deleted."""
        return ()

    def replays(self, settings: Settings, keys: Sequence[str]) -> tuple[str, ...]:
        """All replays of the batches. An empty batch gives its key, whose outcome is then that no file has that id."""
        return tuple(i for key, members in replays_of(settings, keys).items() for i in members or [key])

    def teller(self, settings: Settings, replay_ids: Collection[str]) -> Teller:
        """A batch is completed by the last outcome of its replays."""
        ending = EndingBatches(settings, replay_ids)

        def told(outcome: Outcome) -> Event | None:
            standing = ending.after(outcome.replay_id)
            return None if standing is None else _told_of_batch(standing)

        return told


BY_REPLAY: Partitioning = ByReplay()
BY_BATCH: Partitioning = ByBatch()


def chosen_partitioning() -> Partitioning:
    """The partitioning that the environment variable selects; raises SettingsError for an unknown one."""
    return BY_BATCH if read_partition_by() == "batch" else BY_REPLAY


def _told_of_replay(outcome: Outcome) -> Event | None:
    if outcome.status == "extracted":
        said: dict[str, int | float | str] = {
            "file": outcome.file_name,
            **lobby_metadata(outcome),
            "rows": outcome.rows,
            "bytes": outcome.bytes,
            "seconds": outcome.seconds,
            **pace_metadata([outcome]),
            "work": "extracted in this run" if outcome.is_new else NOTHING_TO_DO,
        }
        return dg.AssetMaterialization(
            EXTRACTED, description=replay_words(outcome), partition=outcome.replay_id, metadata=said, tags=VERSION_TAGS
        )
    if outcome.status == "failed":
        # Shows why a partition is red on its page.
        why = {"reason": outcome.reason or "", "why": outcome.detail or ""}
        return dg.AssetObservation(
            EXTRACTED,
            description=failure_words(outcome),
            partition=outcome.replay_id,
            metadata={"file": outcome.file_name, **lobby_metadata(outcome), **why},
        )
    return None


def _told_of_batch(standing: BatchStanding) -> Event:
    numbers: dict[str, dg.MetadataValue | int | float] = {
        "replays_ok": standing.extracted,
        "replays_failed": len(standing.failed),
        "replays_rejected": standing.rejected,
        "rows": standing.rows,
        "bytes": standing.bytes,
        "seconds": standing.seconds,
    }
    if standing.is_whole:
        said = f"batch {standing.batch}: {standing.extracted:,} replays extracted"
        return dg.AssetMaterialization(
            EXTRACTED, description=said, partition=standing.batch, metadata=numbers, tags=VERSION_TAGS
        )
    numbers |= {"replays_waiting": standing.waiting, "failures": sentences_metadata(standing.failed)}
    said = f"batch {standing.batch}: {len(standing.failed):,} replays failed: {failures_said(standing.failed)}"
    return dg.AssetObservation(EXTRACTED, description=said, partition=standing.batch, metadata=numbers)
