"""What a failed try of the game leaves to look at: a bounded folder with its last messages, output, arguments and memory."""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sc2_pipeline.storable import storable

FACTS_FILE = "fault.json"
LOG_FILE = "game.log"
MESSAGES_KEPT = 8
"""Last requests, and last replies, that are kept of a connection."""
_MESSAGE_BYTES = 512 << 10
_LOG_BYTES = 64 << 10
"""Bounds of one message and of the output: a folder holds at most 9 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What was known of a game when a try failed.

    ``memory`` has pairs of seconds since the launch and resident bytes; ``requests`` and ``replies`` are serialised
    messages, the latest last.
    """

    version: str
    game_version: str
    arguments: Sequence[str]
    exit_words: str | None
    processor_seconds: float
    memory: Sequence[tuple[float, int]]
    output: bytes
    requests: Sequence[bytes]
    replies: Sequence[bytes]


def write_fault(
    folder: Path, traces: Traces, *, replay_id: str, reason: str, detail: str, written_by: str, keep: int
) -> str:
    """Writes a folder in ``folder``, of which the last ``keep`` remain; returns its name. Raises OSError."""
    moment = datetime.now(UTC)
    name = f"{moment:%Y%m%dT%H%M%S%f}-{replay_id}-{reason}"
    place = folder / name
    place.mkdir(parents=True)
    for kind, messages in (("request", traces.requests), ("reply", traces.replies)):
        for number, message in enumerate(messages, start=1):
            (place / f"{kind}_{number:02}.pb").write_bytes(message[:_MESSAGE_BYTES])
    (place / LOG_FILE).write_bytes(traces.output[-_LOG_BYTES:])
    facts = {name: value for name, value in asdict(traces).items() if name not in ("output", "requests", "replies")}
    facts |= {"replay_id": replay_id, "reason": reason, "detail": detail, "written_by": written_by}
    facts |= {"at": moment.isoformat(timespec="milliseconds")}
    (place / FACTS_FILE).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    for old in fault_folders(folder)[: -keep or None]:
        shutil.rmtree(old, ignore_errors=True)
    return name


_NAME = re.compile(r"\d{8}T\d{12}-(?P<replay_id>[0-9a-f]{16})-[a-z_]+")


def fault_folders(folder: Path, replay_id: str | None = None) -> list[Path]:
    """The folders of failed tries, of all replays or of one, the latest last."""
    if not folder.is_dir():
        return []
    named = {path: found for path in folder.iterdir() if (found := _NAME.fullmatch(path.name))}
    return sorted(path for path, found in named.items() if replay_id in (None, found["replay_id"]))


def read_fault(place: Path) -> dict[str, Any]:
    """The facts of a failed try, with its messages by file name and size, and the game's output. Raises OSError and
    ValueError."""
    facts: dict[str, Any] = json.loads((place / FACTS_FILE).read_text(encoding="utf-8"))
    messages = {path.name: path.stat().st_size for path in sorted(place.glob("*.pb"))}
    output = storable((place / LOG_FILE).read_bytes().decode("utf-8", "replace"))
    return facts | {"folder": str(place), "messages": messages, "output": output}
