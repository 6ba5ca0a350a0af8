"""Records that callers write to and read from the manifest."""

from dataclasses import dataclass

STATUSES = ("found", "rejected", "failed", "extracted", "loaded")
"""Every status of a replay, in the order of the pipeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Status of a replay. ``reason`` is a key of ``errors.REASONS`` or a rule's name."""

    replay_id: str
    status: str
    stage: str
    reason: str | None = None
    detail: str | None = None
    is_retryable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """One folder of the lake with one part of a replay (a key of ``tables.PARTS``). ``folder`` is relative to the lake;
    ``is_complete``: the input was read to its end."""

    replay_id: str
    part: str
    settings_digest: str
    folder: str
    rows: int
    bytes: int
    seconds: float
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactedFile:
    """Where the rows of one extraction's table are after compaction.

    ``path`` is relative to the home; ``held_replays`` is the number of replays with rows in that file.
    """

    replay_id: str
    part: str
    settings_digest: str
    table_name: str
    path: str
    held_replays: int
