"""Settings of the game's processes: timeouts, limits and pipeline depth."""

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from sc2_pipeline.errors import SettingsError


def default_games_folder() -> Path:
    """Folder of the temp folders of this user's games; stray games are looked for here."""
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"sc2_pipeline_games_{user}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GameSettings:
    """Settings for running the game that do not affect rows. Raises SettingsError for invalid values.

    * ``boot_timeout_seconds``: from the launch to the first answer.
    * ``request_timeout_seconds``: limit for one answer; ``start_timeout_seconds`` for requests that load a map.
    * ``pipeline_depth``: pairs of step and observation sent ahead of the answer being read; 1 sends one request at a
      time. At 2.5 ms a step, 128 keep the game busy for twice the 150 ms in which a group of 512 observations is
      converted to rows and files.
    * ``restart_every``: replays after which a new instance is launched (the game's memory grows).
    * ``memory_ceiling_bytes``: above it a replay fails with ``memory_exceeded``; above three quarters of it, a new
      instance is launched between replays.
    * ``launch_gap_seconds``: minimum time between two launches on this machine (instances that load together compete
      for the disk and for ports).
    * ``stalled_observations``: number of consecutive observations at the same game loop that counts as
      ``engine_stalled``.
    * ``uses_parent_death_signal``: on Linux, lets the kernel kill the game with its worker; the watchdog process does
      it in any case.
    * ``checks_data_version``: compare the data version the game reports with the one requested.
    """

    boot_timeout_seconds: float = 120.0
    request_timeout_seconds: float = 60.0
    start_timeout_seconds: float = 180.0
    quit_timeout_seconds: float = 3.0
    pipeline_depth: int = 128
    restart_every: int = 300
    memory_ceiling_bytes: int = 4 * 2**30
    launch_gap_seconds: float = 1.0
    stalled_observations: int = 50
    games_folder: Path = field(default_factory=default_games_folder)
    uses_parent_death_signal: bool = True
    checks_data_version: bool = True

    def __post_init__(self) -> None:
        for name in ("pipeline_depth", "restart_every", "memory_ceiling_bytes", "stalled_observations"):
            _at_least(name, getattr(self, name), 1)
        for name in ("boot_timeout_seconds", "request_timeout_seconds", "start_timeout_seconds"):
            _at_least(name, getattr(self, name), 0.1)
        for name in ("quit_timeout_seconds", "launch_gap_seconds"):
            _at_least(name, getattr(self, name), 0)


def _at_least(name: str, value: float, minimum: float) -> None:
    if value < minimum:
        raise SettingsError(f"{name} is {value}; give at least {minimum}")
