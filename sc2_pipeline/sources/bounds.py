"""Limits on what one replay may contain and cost: far above any real replay, and low enough that a hostile one costs
little."""

import ctypes
import threading
import time
from collections.abc import Callable
from itertools import product
from typing import Final, TypeVar

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import CorruptReplayError, ReplayError
from sc2_pipeline.game import MAX_GAME_LOOPS
from sc2_pipeline.replay_format.tracker import TrackerEvents
from sc2_pipeline.replay_format.tracker_fields import Numbers
from sc2_pipeline.sources.base import Take

Given = TypeVar("Given")

TRACKER_EVENTS: Final = (100_000, 16)
GAME_EVENTS: Final = (200_000, 64)
"""Events allowed in a stream of any length, and additional events per game loop. Real games of more than 1,000 loops
have at most 3.2 events a loop in either stream; one of 19 loops has 280 in all."""

ROWS_PER_MB: Final = 250_000
"""Rows allowed over all tables, per started megabyte of the file; real replays of up to 1 MB have 60,000 at most."""

COUNTS_PER_MB: Final = 1_000_000
"""Unit counts allowed per started megabyte of the file: one for each player, unit type and sample. Real replays have
72,000 at most."""

DEATH_PAIRS_PER_MB: Final = 20_000_000
"""Pairs of deaths allowed per started megabyte that are so close in space and time that battles may link them. Real
replays have 1,700,000 at most."""

MAX_UNIT_TYPES: Final = 5_000
"""Per replay; real ones have 150 at most."""

UNITS_OF_COMMANDS_PER_MB: Final = 1_000_000
"""Units selected for commands allowed per started megabyte, over all commands. Real replays have 84,000 at most."""

_FEW_DEATHS: Final = 3_000
"""Replays with no more deaths than this are always cheap."""

_PAIRS_PER_BOX: Final = 500
"""Cost of searching a box's neighbours and of recording a battle, counted in pairs."""

_INTERVAL_SECONDS: Final = 0.05
_GRACE_SECONDS: Final = 1.0
"""Pause between repeated interrupts. The error is raised again because a finalizer may swallow it; the pause leaves
time to clean up."""

_TURN: Final = threading.Lock()
"""Held while a replay is read: if a process read two at once, nobody could tell which one's memory grows."""


def megabytes(file_bytes: int) -> int:
    """Started megabytes of a file; at least 1."""
    return max(1, -(-file_bytes // 2**20))


def refuse_above(limit: int, found: int, what: str) -> None:
    """Raises ReplayError ``too_costly`` if ``found`` exceeds ``limit``."""
    if found > limit:
        raise ReplayError("too_costly", f"{found} {what}, where a replay of this size has {limit} at most")


class BoundedRows:
    """Passes on the rows of one replay, up to the number allowed for a file of its size."""

    def __init__(self, take: Take, file_bytes: int) -> None:
        self._take = take
        self._limit = ROWS_PER_MB * megabytes(file_bytes)
        self._rows = 0

    def take(self, name: str, batch: pa.RecordBatch) -> None:
        """Passes rows on; raises ReplayError ``too_costly``."""
        self._rows += batch.num_rows
        refuse_above(self._limit, self._rows, "rows")
        self._take(name, batch)


def max_events(bound: tuple[int, int], game_loops: int) -> int:
    """Events allowed in a stream of a game of that length."""
    at_any_length, per_game_loop = bound
    return at_any_length + per_game_loop * max(0, min(game_loops, MAX_GAME_LOOPS))


def too_dense(member: str, limit: int, game_loops: int) -> CorruptReplayError:
    """The error for a stream with more events than :func:`max_events`."""
    return CorruptReplayError("too_dense", f"{member} has more than {limit} events in {game_loops} game loops")


def refuse_costly_events(events: TrackerEvents, scale: int, file_bytes: int) -> None:
    """Raises ReplayError ``too_costly`` for events from which the marts would make far more rows than from any real
    replay. ``scale``: map cells per unit of x and y."""
    size = megabytes(file_bytes)
    types = int(pc.count_distinct(events.unit_events["unit_type"]).as_py())
    refuse_above(MAX_UNIT_TYPES, types, "types of units")
    refuse_above(COUNTS_PER_MB * size, unit_count_rows(events), "counts of units by type and sample")
    refuse_above(DEATH_PAIRS_PER_MB * size, death_pairs(events, scale), "pairs of deaths close to one another")


def unit_count_rows(events: TrackerEvents) -> int:
    """Upper bound on the replay's unit counts: for each player and unit type that ever existed, one per sample."""
    rows = events.unit_events
    tags, players = (pc.fill_null(rows[name], -1).to_numpy() for name in ("unit_tag", "player_id"))
    types = pc.fill_null(rows["unit_type"].dictionary_encode().indices, -1).to_numpy().astype(np.int64)
    order = np.argsort(tags, kind="stable")
    begins = np.flatnonzero(np.diff(tags[order], prepend=-2))
    lives = np.repeat(begins, np.diff(begins, append=len(order)))
    players, types = (_last_known(values[order], lives) for values in (players, types))
    pairs = np.unique(players * (types.max(initial=0) + 2) + types)
    return len(pairs) * int(pc.count_distinct(events.player_stats["game_loop"]).as_py())


def _last_known(values: Numbers, lives: Numbers) -> Numbers:
    """For each position, the last value that is not negative since the unit's life began; if there is none, the first
    one."""
    known = np.where(values >= 0, np.arange(len(values)), 0)
    return values[np.maximum(np.maximum.accumulate(known), lives)]


def death_pairs(events: TrackerEvents, scale: int) -> int:
    """Upper bound on the pairs of deaths in the same or neighbouring boxes of space and time, from which battles are
    linked. ``scale``: map cells per unit of x and y. The boxes are approximately those of ``int_death_boxes``."""
    rows = events.unit_events
    deaths = rows.filter(pc.and_(pc.equal(rows["event"], "died"), pc.is_valid(pc.add(rows["x"], rows["y"]))))
    if deaths.num_rows < _FEW_DEATHS:
        return int(deaths.num_rows) ** 2
    loops, x, y = (deaths[name].to_numpy() for name in ("game_loop", "x", "y"))
    places = np.unique(np.stack([loops // 225, x * scale, y * scale]), axis=1)
    places[1:] = places[1:] * 3 // 32
    boxes, counts = np.unique(places, axis=1, return_counts=True)
    keys, key_of_box = np.unique(_box_keys(*boxes), return_inverse=True)
    counts = np.bincount(key_of_box, counts).astype(np.int64)
    steps = np.array(list(product((0, 1), range(-2, 3), range(-2, 3))))
    pairs = sum(int(counts @ _counts_at(keys, counts, keys + step)) for step in _box_keys(*steps.T))
    return pairs + _PAIRS_PER_BOX * len(boxes.T)


def _box_keys(game_loop: Numbers, x: Numbers, y: Numbers) -> Numbers:
    return (game_loop * 2**20 + x) * 2**20 + y


def _counts_at(keys: Numbers, counts: Numbers, wanted: Numbers) -> Numbers:
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, counts[at], 0)


def within_budget(work: Callable[[], Given], file_bytes: int, settings: Settings) -> Given:
    """Result of ``work``, which runs in this thread, for one replay of the process at a time.

    Raises ReplayError ``too_costly`` when it has taken ``replay_processor_seconds``, or the process has grown by
    ``replay_memory_mb`` (never more than a worker's memory limit), per started megabyte of the file.
    """
    watch = _Watch(
        processor_seconds=settings.replay_processor_seconds * megabytes(file_bytes),
        memory_mb=min(settings.replay_memory_mb * megabytes(file_bytes), settings.worker_memory_mb),
    )
    try:
        with _TURN:
            watch.start()
            try:
                return work()
            finally:
                watch.stop()
    except BaseException as error:
        # Once more: this one, or an interrupt, may have come while the watch was being stopped.
        watch.stop()
        if isinstance(error, _OverBudgetError):
            raise ReplayError("too_costly", watch.verdict) from None
        raise


class _OverBudgetError(BaseException):
    """Raised asynchronously in the working thread. It is not an Exception, so that no handler on the way catches it."""


class _Watch(threading.Thread):
    """Measures what the thread that created it costs. It uses the process's processor time, which does not depend on
    the machine's load."""

    def __init__(self, *, processor_seconds: float, memory_mb: int) -> None:
        super().__init__(name="replay budget", daemon=True)
        self.verdict = ""
        self._processor_seconds = processor_seconds
        self._memory_mb = memory_mb
        self._worker = threading.get_ident()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._process = psutil.Process()
        self._seconds_before = time.process_time()
        self._bytes_before = self._process.memory_info().rss

    def run(self) -> None:
        """Measures until it is stopped."""
        pause = _INTERVAL_SECONDS
        while not self._stopped.wait(pause):
            if verdict := self._excess():
                self.verdict = self.verdict or verdict
                self._raise(_OverBudgetError)
                pause = _GRACE_SECONDS

    def stop(self) -> None:
        """Stops measuring; nothing is raised once this has returned.

        A pending error is raised in here. It cannot be withdrawn: CPython 3.11 would keep checking for it, which slows
        down all code and hangs a profiler.
        """
        with self._lock:
            self._stopped.set()

    def _raise(self, error: type[BaseException]) -> None:
        with self._lock:
            if not self._stopped.is_set():
                _raise_in(self._worker, error)

    def _excess(self) -> str:
        seconds = time.process_time() - self._seconds_before
        if seconds > self._processor_seconds:
            return (
                f"reading it took more than {self._processor_seconds:g} s of processor time; "
                "if it is a real replay, raise replay_processor_seconds and give --retry-failed too_costly"
            )
        grown = (self._process.memory_info().rss - self._bytes_before) // 2**20
        if grown > self._memory_mb:
            return (
                f"reading it took more than {self._memory_mb} MB of memory; "
                "if it is a real replay, raise replay_memory_mb and worker_memory_mb, and give --retry-failed too_costly"
            )
        return ""


def _raise_in(thread: int, error: type[BaseException]) -> None:
    """Raises an error in a thread the next time it runs Python code."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
