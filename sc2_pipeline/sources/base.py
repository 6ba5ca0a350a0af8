"""What every source of extraction promises."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from sc2_pipeline.packs import file_name

Take = Callable[[str, pa.RecordBatch], None]
"""Receives rows: the raw table's name and a batch in its ``schema`` or its ``file_schema``."""


Shape = Mapping[str, str | int | bool | None]
"""All that shapes the rows of one part: versions of decoder and schema, and every setting. Equal shapes, equal rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFile:
    """One replay and where its bytes lie now: in a file, or in a pack (:mod:`sc2_pipeline.packs`)."""

    replay_id: str
    sha256: str
    path: Path

    @property
    def name(self) -> str:
        """Name of the file, or of the member of the pack."""
        return file_name(self.path)


class ReplaySource(Protocol):
    """Reads one replay at a time. What it keeps between replays (a running game) never changes an answer."""

    name: str

    def shapes(self) -> Mapping[str, Shape]:
        """The parts that it gives (keys of ``tables.PARTS``), each with what shapes its rows."""
        ...

    def extract(self, replay: ReplayFile, take: Take) -> bool:
        """Gives the replay's rows to ``take``, in game-loop order within a table; bounded memory.

        Returns whether the replay was read to its end. Raises ReplayError when the replay is at fault and
        EngineUnavailableError when this machine is.
        """
        ...

    def close(self) -> None:
        """Ends whatever it kept running."""
        ...


def shape_digest(shape: Shape) -> str:
    """Eight hex digits that name a shape, as they stand in the lake's folder names."""
    return hashlib.sha256(json.dumps(dict(shape), sort_keys=True).encode()).hexdigest()[:8]
