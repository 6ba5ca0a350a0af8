"""Batches of replays, for orchestrators that cannot track each replay separately."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.manifest import Manifest

BATCH_REPLAYS = 1_000
"""Maximum number of replays per batch: some minutes of work; a collection of a million makes a thousand batches."""

BATCH_NAME = re.compile(r"\d{4}-\d\d-\d\d-\d{4,}")
"""Date and number, as assigned by the manifest."""

_EMPTY = "no replay of this home is in the batch; run the discover job over its folder, or drop the key"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStanding:
    """State of a batch according to the manifest.

    ``extracted`` counts replays whose rows are in the lake, loaded or not; ``waiting`` counts accepted replays not
    tried yet; ``failed`` maps failed replays to messages. ``rows``, ``bytes`` and ``seconds`` are totals over its
    current extractions.
    """

    batch: str
    extracted: int
    rejected: int
    waiting: int
    failed: Mapping[str, str]
    rows: int
    bytes: int
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether every accepted replay of the batch is extracted."""
        return not (self.waiting or self.failed)


def batches_of(settings: Settings, replay_ids: Sequence[str], *, size: int) -> tuple[str, ...]:
    """The batches of the replays, without repeats; replays without a batch are put into new ones, in the order
    given."""
    with Manifest(Home(settings.home).manifest) as manifest:
        batches = manifest.put_in_batches(replay_ids, day=f"{datetime.now(UTC):%Y-%m-%d}", size=size)
    return tuple(dict.fromkeys(batches.values()))


def replays_of(settings: Settings, batches: Collection[str]) -> dict[str, list[str]]:
    """Replay ids by batch; empty batches are included."""
    with Manifest(Home(settings.home).manifest) as manifest:
        members = manifest.replays_in_batches(batches)
    return {batch: members.get(batch, []) for batch in batches}


def batch_standing(settings: Settings, batch: str) -> BatchStanding:
    """Current state of one batch."""
    with Manifest(Home(settings.home).manifest) as manifest:
        members = manifest.replays_in_batches([batch]).get(batch, [])
        rows = manifest.replays(members).values()
        extractions = manifest.current_extractions(members)
    counts = Counter(row["status"] for row in rows)
    failed = {row["replay_id"]: f"{row['reason']}: {row['detail']}" for row in rows if row["status"] == "failed"}
    return BatchStanding(
        batch=batch,
        extracted=counts["extracted"] + counts["loaded"],
        rejected=counts["rejected"],
        waiting=counts["found"],
        failed=failed if members else {batch: _EMPTY},
        rows=sum(extraction.rows for extraction in extractions),
        bytes=sum(extraction.bytes for extraction in extractions),
        seconds=round(sum(extraction.seconds for extraction in extractions), 3),
    )


class EndingBatches:
    """Tells when batches are complete, as outcomes of replays arrive one by one."""

    def __init__(self, settings: Settings, replay_ids: Collection[str]) -> None:
        """``replay_ids`` are those whose outcomes will arrive; they may be only part of a batch.

        An empty batch is requested by its own name, and gets one outcome with that name.
        """
        self._settings = settings
        with Manifest(Home(settings.home).manifest) as manifest:
            self._batches = {i: i for i in replay_ids if BATCH_NAME.fullmatch(i)} | manifest.batches(replay_ids)
        self._awaited = Counter(self._batches.values())

    def after(self, replay_id: str) -> BatchStanding | None:
        """State of the replay's batch if this was the last outcome expected for it, else None."""
        batch = self._batches.get(replay_id)
        if batch is None:
            return None
        self._awaited[batch] -= 1
        return None if self._awaited[batch] else batch_standing(self._settings, batch)
