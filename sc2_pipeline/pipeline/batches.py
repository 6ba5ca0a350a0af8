"""Batches: replays that came together, where an orchestrator cannot keep account of each one."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.manifest import Manifest

BATCH_REPLAYS = 1_000
"""Replays of a batch at most: some minutes of work, and a collection of a million is a thousand of them."""

BATCH_NAME = re.compile(r"\d{4}-\d\d-\d\d-\d{4,}")
"""Day and number, as the manifest gives them."""

_EMPTY = "no replay of this home is in the batch; run the discover job over its folder, or drop the key"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStanding:
    """How a batch stands, by the manifest.

    ``extracted`` counts replays whose rows are in the lake, loaded or not; ``waiting`` those wanted and not yet tried;
    ``failed`` has a sentence for each replay that failed. ``rows``, ``bytes`` and ``seconds`` are those of all its extractions.
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
        """Whatever is wanted of it is extracted."""
        return not (self.waiting or self.failed)


def batches_of(settings: Settings, replay_ids: Sequence[str], *, size: int) -> tuple[str, ...]:
    """The batches of those replays, each once; replays without one are put into new ones, in the order given."""
    with Manifest(Home(settings.home).manifest) as manifest:
        batches = manifest.put_in_batches(replay_ids, day=f"{datetime.now(UTC):%Y-%m-%d}", size=size)
    return tuple(dict.fromkeys(batches.values()))


def replays_of(settings: Settings, batches: Collection[str]) -> dict[str, list[str]]:
    """Replays by batch; a batch that holds none is in the answer too."""
    with Manifest(Home(settings.home).manifest) as manifest:
        members = manifest.replays_in_batches(batches)
    return {batch: members.get(batch, []) for batch in batches}


def batch_standing(settings: Settings, batch: str) -> BatchStanding:
    """How one batch stands now."""
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
    """Which batches have come to their end, while outcomes of replays come one by one."""

    def __init__(self, settings: Settings, replay_ids: Collection[str]) -> None:
        """``replay_ids`` are those whose outcomes will come; of a batch they may be a part.

        A batch that holds no replay is asked for by its own name, and has an outcome of that name.
        """
        self._settings = settings
        with Manifest(Home(settings.home).manifest) as manifest:
            self._batches = {i: i for i in replay_ids if BATCH_NAME.fullmatch(i)} | manifest.batches(replay_ids)
        self._awaited = Counter(self._batches.values())

    def after(self, replay_id: str) -> BatchStanding | None:
        """How the replay's batch stands when this was the last outcome awaited of it, else None."""
        batch = self._batches.get(replay_id)
        if batch is None:
            return None
        self._awaited[batch] -= 1
        return None if self._awaited[batch] else batch_standing(self._settings, batch)
