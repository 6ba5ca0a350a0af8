"""The interface of every source of extraction."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from sc2_pipeline.packs import file_name

Take = Callable[[str, pa.RecordBatch], None]
"""Receives rows: the raw table's name, and a batch in its ``schema`` or ``file_schema``."""


Shape = Mapping[str, str | int | bool | None]
"""Everything that the rows of one part depend on besides the replay: versions of decoder and schema, and settings.
Equal shapes give equal rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFile:
    """A replay and the current location of its bytes: a file, or a member of a pack (:mod:`sc2_pipeline.packs`)."""

    replay_id: str
    sha256: str
    path: Path

    @property
    def name(self) -> str:
        """Name of the file, or of the pack's member."""
        return file_name(self.path)


class ReplaySource(Protocol):
    """Reads one replay at a time. What it keeps between replays, such as a running game, never affects the rows."""

    name: str

    def shapes(self) -> Mapping[str, Shape]:
        """The shape of each part that it fills, by part (keys of ``tables.PARTS``)."""
        ...

    def extract(self, replay: ReplayFile, take: Take) -> bool:
        """Passes the replay's rows to ``take``, in game-loop order within a table, with bounded memory.

        Returns whether the replay was read to its end. Raises ReplayError if the replay is at fault, and
        EngineUnavailableError if this machine is.
        """
        ...

    def close(self) -> None:
        """Stops whatever it kept running."""
        ...


def shape_digest(shape: Shape) -> str:
    """Eight hex digits that identify a shape, as used in the names of the lake's folders."""
    return hashlib.sha256(json.dumps(dict(shape), sort_keys=True).encode()).hexdigest()[:8]
