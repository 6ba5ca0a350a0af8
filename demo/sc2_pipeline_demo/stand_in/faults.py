"""Faults of the stand-in, injected by a control file: failures at a chosen point, and broken assumptions.

The control file is JSON, its path in the environment variable ``SC2_STAND_IN_CONTROL``; without one the stand-in works
correctly::

    {"step_seconds": 0.0025, "keeps_answers": true,
     "assumptions": {"ignores_disable_fog": true},
     "faults": [{"kind": "crash", "replay": "594d3a", "player": 1, "game_loop": 4000, "times": 1}]}
"""

import dataclasses
import hashlib
import json
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONTROL_VARIABLE = "SC2_STAND_IN_CONTROL"

BOOT_FAULTS = {
    "slow_boot": "waits `seconds` before it listens",
    "never_listens": "runs and opens no port",
    "crash_on_boot": "ends with exit code 1 before it listens",
    "missing_library": "ends with exit code 127 and `words`, as a program does whose library is missing",
    "refused_connection": "listens and ends every connection before the handshake",
    "dripping_handshake": "answers the handshake a byte at a time, for ever",
    "wrapper": "starts the game as a child and waits for it, as Wine or a script does",
    "left_child": "starts a process that is no child of its any more and ignores SIGTERM",
    "flooded_output": "prints without end",
    "wrong_version": "answers ping with base build 1",
    "ignored_sigterm": "ignores SIGTERM, and a request to quit",
    "death_in_quit": "aborts on a request to quit",
}
ENDING_BOOT_FAULTS = ("crash_on_boot", "missing_library", "refused_connection", "dripping_handshake", "never_listens")
"""Faults after which no client can connect."""

START_FAULTS = {
    "unreadable_replay": "answers replay_info with ParsingError",
    "named_folder": "answers replay_info with ParsingError that names a file of its temp folder, as the real one does",
    "missing_map": "names a local map that is not there",
    "missing_cache": "hangs in start_replay, as for a map that cannot be downloaded",
    "launch_error": "answers start_replay with LaunchError",
    "download_error": "answers replay_info with DownloadError",
    "invalid_replay": "answers start_replay with InvalidReplayData",
    "invalid_map": "answers start_replay with InvalidMapData",
    "missing_options": "answers start_replay with MissingOptions",
    "missing_data": "answers start_replay as a game that lacks the replay's data version",
}
LOOP_FAULTS = {
    "crash": "kills itself with SIGSEGV",
    "hang": "answers nothing any more",
    "frozen_loop": "goes on answering, the loop no longer advances",
    "error_reply": "answers with an error",
    "garbled_bytes": "answers with bytes that are no message",
    "dripping_answer": "answers a byte at a time",
    "endless_pings": "sends pings instead of an answer",
    "endless_answer": "answers with a frame that does not end",
    "early_result": "tells a result, as at the end, though the replay goes on",
    "loop_jump": "goes on `game_loops_jumped` later than the next step asks for",
    "bare_error": "answers with an error and not even a status",
    "truncated_frame": "ends the connection in the middle of an answer and lives on",
    "closed_connection": "ends the connection between two answers and lives on",
    "memory_growth": "takes `megabytes` more memory, once",
}
KINDS = BOOT_FAULTS | START_FAULTS | LOOP_FAULTS
"""Kind of fault -> what the stand-in does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. It occurs for replays whose sha256 begins with ``replay``, in that player's pass (None: any), at the
    first request at or after ``game_loop``, in games of ``base_build`` (None: any); ``times`` in total, over all
    processes (None: always). ``words`` are the details of a refusal, or the last line of what the game prints."""

    kind: str
    replay: str = ""
    player: int | None = None
    game_loop: int = 0
    base_build: int | None = None
    times: int | None = None
    seconds: float = 0.0
    megabytes: int = 0
    game_loops_jumped: int = 0
    words: str = "the stand-in was told to"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r} (known: {', '.join(KINDS)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Assumptions of our client about the real game; True means that the stand-in breaks it."""

    refuses_pipelining: bool = False
    ignores_disable_fog: bool = False
    other_tags: bool = False
    neutral_owner_is_zero: bool = False
    rates_per_960_loops: bool = False
    collected_vespene_is_stuck: bool = False
    dead_units_are_incomplete: bool = False
    grids_have_eight_bits: bool = False
    other_data_version: bool = False
    megabytes_kept_per_replay: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How the stand-in behaves. ``step_seconds`` is the duration of one step, however long, ``loop_seconds`` that of each
    game loop in it, ``observation_seconds`` that of one observation; ``keeps_answers`` caches every observation, so that a
    second pass is free."""

    step_seconds: float = 0.0
    loop_seconds: float = 0.0
    observation_seconds: float = 0.0
    keeps_answers: bool = False
    faults: tuple[Fault, ...] = ()
    assumptions: Assumptions = field(default_factory=Assumptions)
    path: Path | None = None

    def strikes(
        self,
        kinds: Collection[str],
        *,
        base_build: int | None = None,
        replay_sha256: str = "",
        player: int = 0,
        game_loop: int = 0,
    ) -> Fault | None:
        """The first fault of those kinds that is due here; counts it as having occurred."""
        for index, fault in enumerate(self.faults):
            is_here = (
                fault.kind in kinds
                and fault.base_build in (None, base_build)
                and replay_sha256.startswith(fault.replay)
                and fault.player in (None, player)
                and game_loop >= fault.game_loop
            )
            if is_here and self._counts(index, fault):
                return fault
        return None

    def _counts(self, index: int, fault: Fault) -> bool:
        """Whether the fault may still occur: each occurrence leaves a file, which every process sees."""
        if fault.times is None or self.path is None:
            return fault.times is None
        folder = strikes_folder(self.path)
        folder.mkdir(exist_ok=True)
        for count in range(fault.times):
            try:
                os.close(os.open(folder / f"{index}-{fault.kind}-{count}", os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                continue
            return True
        return False


def strikes_folder(control: Path) -> Path:
    """Where each occurrence of a fault with ``times`` leaves a file, ``<place in faults>-<kind>-<count>``."""
    return control.with_suffix(".strikes")


def read_control() -> Control:
    """The environment's control file; the defaults if there is none."""
    named = os.environ.get(CONTROL_VARIABLE)
    if not named or not Path(named).is_file():
        return Control()
    told: dict[str, Any] = json.loads(Path(named).read_text(encoding="utf-8"))
    told["faults"] = tuple(Fault(**fault) for fault in told.get("faults", ()))
    told["assumptions"] = Assumptions(**told.get("assumptions", {}))
    return Control(**told, path=Path(named))


def write_control(path: Path, control: Control) -> Path:
    """Writes the control file; set ``SC2_STAND_IN_CONTROL`` to its path."""
    told = {name: value for name, value in dataclasses.asdict(control).items() if name != "path"}
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def replay_sha256(content: bytes) -> str:
    """Identifier of replays in faults: the sha256 of their bytes, whose first 16 digits are the replay's id."""
    return hashlib.sha256(content).hexdigest()
