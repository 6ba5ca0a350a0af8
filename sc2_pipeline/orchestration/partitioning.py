"""Partitionings: what one partition of ``extracted`` holds, a replay or a batch of them, and what its page is told."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import dagster as dg

from sc2_pipeline.config import Settings, read_partition_by
from sc2_pipeline.orchestration.game_progress import pace_metadata
from sc2_pipeline.orchestration.metadata import sentences_metadata
from sc2_pipeline.pipeline.batches import BATCH_REPLAYS, BatchStanding, EndingBatches, batches_of, replays_of
from sc2_pipeline.pipeline.stages import Judged, Outcome

EXTRACTED = dg.AssetKey("extracted")

Event = dg.AssetMaterialization | dg.AssetObservation
Teller = Callable[[Outcome], Event | None]
"""The event of the partition that one more outcome of a replay decides, if it decides one."""


class Partitioning(Protocol):
    """What a partition of ``extracted`` holds."""

    definition: dg.DynamicPartitionsDefinition
    description: str
    per_run: int
    """Partitions that a backfill hands to one run."""
    per_request: int
    """Partitions of one run that a sensor asks for."""

    @property
    def name(self) -> str:
        """Name of the set of keys."""
        ...

    def keys(self, settings: Settings, replay_ids: Sequence[str]) -> tuple[str, ...]:
        """The partitions that those replays belong to."""
        ...

    def keys_to_drop(self, judged: Judged) -> Collection[str]:
        """The partitions that ought not to exist, by what was judged."""
        ...

    def replays(self, settings: Settings, keys: Sequence[str]) -> tuple[str, ...]:
        """The replays that belong to those partitions."""
        ...

    def teller(self, settings: Settings, replay_ids: Collection[str]) -> Teller:
        """Tells what outcomes of those replays, one by one, make of their partitions."""
        ...


@dataclass(frozen=True, slots=True)
class ByReplay:
    """A partition is a replay; its key is the replay_id. Rejected replays are no partitions."""

    name = "replays"
    definition = dg.DynamicPartitionsDefinition(name=name)
    description = "One replay's raw rows in the lake. A red partition is a replay that failed; its run says why."
    # A run costs seconds, a partition some 40 ms; a cancelled run that a sensor asked for should lose little.
    per_run = 1_000
    per_request = 300

    def keys(self, settings: Settings, replay_ids: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002
        """The replays themselves."""
        return tuple(replay_ids)

    def keys_to_drop(self, judged: Judged) -> Collection[str]:
        """The rejected replays."""
        return judged.rejected.keys()

    def replays(self, settings: Settings, keys: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002
        """The keys themselves."""
        return tuple(keys)

    def teller(self, settings: Settings, replay_ids: Collection[str]) -> Teller:  # noqa: ARG002
        """Each outcome decides its own partition."""
        return _told_of_replay


@dataclass(frozen=True, slots=True)
class ByBatch:
    """A partition is a batch: up to ``size`` replays that came together. Its key is a day and a number."""

    size: int = BATCH_REPLAYS

    name = "replay_batches"
    definition = dg.DynamicPartitionsDefinition(name=name)
    description = (
        "The raw rows of a batch of replays in the lake. A red partition is a batch of which replays failed; its latest "
        "observation says which and why, and ops.replays where each one stands."
    )
    # Each run publishes the whole warehouse: ten thousand replays a time.
    per_run = 10
    per_request = 10

    def keys(self, settings: Settings, replay_ids: Sequence[str]) -> tuple[str, ...]:
        """The replays' batches, which are made where they have none."""
        return batches_of(settings, replay_ids, size=self.size)

    def keys_to_drop(self, judged: Judged) -> Collection[str]:  # noqa: ARG002
        """None: a batch stays what it is, whatever becomes of its replays."""
        return ()

    def replays(self, settings: Settings, keys: Sequence[str]) -> tuple[str, ...]:
        """All replays of the batches; of a batch that holds none its key, of which the outcome is that no file has it."""
        return tuple(i for key, members in replays_of(settings, keys).items() for i in members or [key])

    def teller(self, settings: Settings, replay_ids: Collection[str]) -> Teller:
        """A batch is decided by the last of its outcomes."""
        ending = EndingBatches(settings, replay_ids)

        def told(outcome: Outcome) -> Event | None:
            standing = ending.after(outcome.replay_id)
            return None if standing is None else _told_of_batch(standing)

        return told


BY_REPLAY: Partitioning = ByReplay()
BY_BATCH: Partitioning = ByBatch()


def chosen_partitioning() -> Partitioning:
    """The one that the environment asks for; raises SettingsError when it asks for another."""
    return BY_BATCH if read_partition_by() == "batch" else BY_REPLAY


def _told_of_replay(outcome: Outcome) -> Event | None:
    if outcome.status == "extracted":
        numbers = {"rows": outcome.rows, "bytes": outcome.bytes, "seconds": outcome.seconds}
        return dg.AssetMaterialization(
            EXTRACTED,
            partition=outcome.replay_id,
            metadata={"file": outcome.file_name, **numbers, **pace_metadata([outcome])},
        )
    if outcome.status == "failed":
        # Why a partition is red, where its page shows it.
        why = {"file": outcome.file_name, "reason": outcome.reason or "", "why": outcome.detail or ""}
        return dg.AssetObservation(EXTRACTED, partition=outcome.replay_id, metadata=why)
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
        return dg.AssetMaterialization(EXTRACTED, partition=standing.batch, metadata=numbers)
    numbers |= {"replays_waiting": standing.waiting, "failures": sentences_metadata(standing.failed)}
    return dg.AssetObservation(EXTRACTED, partition=standing.batch, metadata=numbers)
