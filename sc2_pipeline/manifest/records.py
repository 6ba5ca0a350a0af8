"""Rows of the manifest, as callers pass and receive them."""

from dataclasses import dataclass

STATUSES = ("found", "rejected", "failed", "extracted", "loaded")
"""The statuses of a replay, in the order of the pipeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The status of a replay. ``reason`` is a key of ``errors.REASONS`` or a rule's name."""

    replay_id: str
    status: str
    stage: str
    reason: str | None = None
    detail: str | None = None
    is_retryable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """One folder of the lake, of one part of a replay (a key of ``tables.PARTS``). ``folder`` is relative to the lake;
    ``is_complete``: what it was extracted from was read to its end."""

    replay_id: str
    part: str
    settings: str
    folder: str
    rows: int
    bytes: int
    seconds: float
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactedFile:
    """Where the rows of one extraction's table lie since they were compacted.

    ``path`` is relative to the home; ``held_replays``: of how many replays that file holds rows.
    """

    replay_id: str
    part: str
    settings: str
    table_name: str
    path: str
    held_replays: int
