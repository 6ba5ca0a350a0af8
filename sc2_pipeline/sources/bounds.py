"""What one replay may hold and cost: far beyond any real one, and little enough that no made-up one costs much."""

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
"""Events that a stream of any length may have, and how many more a game loop. Of real games, those of more than 1,000 loops
have 3.2 a loop at most in either stream, one of 19 loops has 280 in all."""

ROWS_PER_MB: Final = 250_000
"""Rows of all tables together, for every megabyte of the file and what is begun of one; real replays of up to 1 MB have 60,000 at most."""

COUNTS_PER_MB: Final = 1_000_000
"""Numbers of units that are told for a replay, likewise: by player, type and sample. Real replays have 72,000 at most."""

DEATH_PAIRS_PER_MB: Final = 20_000_000
"""Pairs of places, likewise, that units died at so close to one another in space and time that battles may link them. Real
replays have 1,700,000 at most."""

MAX_UNIT_TYPES: Final = 5_000
"""In one replay. Real ones have 150 at most."""

UNITS_OF_COMMANDS_PER_MB: Final = 1_000_000
"""Units selected for commands, all commands together, likewise. Real replays have 84,000 at most."""

_FEW_DEATHS: Final = 3_000
"""All of their pairs are no cost."""

_PAIRS_PER_BOX: Final = 500
"""What it costs to look for a box's neighbours, and to tell of a battle, in pairs."""

_INTERVAL_SECONDS: Final = 0.05
_GRACE_SECONDS: Final = 1.0
"""What is raised again and again is heard even where a finalizer swallowed it; a pause leaves time to clean up."""

_TURN: Final = threading.Lock()
"""Held while a replay is read: of two in one process nobody could tell whose memory grows."""


def megabytes(file_bytes: int) -> int:
    """Megabytes of a file, the last one counted though it is not full; at least 1."""
    return max(1, -(-file_bytes // 2**20))


def refuse_above(limit: int, found: int, what: str) -> None:
    """Raises ReplayError ``too_costly`` where ``found`` is more than ``limit``."""
    if found > limit:
        raise ReplayError("too_costly", f"{found} {what}, where a replay of this size has {limit} at most")


class BoundedRows:
    """Passes on the rows of one replay until they are more than a file of its size gives."""

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
    """Events that a stream of a game of that length may have."""
    at_any_length, per_game_loop = bound
    return at_any_length + per_game_loop * max(0, min(game_loops, MAX_GAME_LOOPS))


def too_dense(member: str, limit: int, game_loops: int) -> CorruptReplayError:
    """The error of a stream of more events than :func:`max_events`."""
    return CorruptReplayError("too_dense", f"{member} has more than {limit} events in {game_loops} game loops")


def refuse_costly_events(events: TrackerEvents, scale: int, file_bytes: int) -> None:
    """Raises ReplayError ``too_costly`` for events that marts would make far more of than of any real replay's.

    ``scale``: map cells per unit of x and y.
    """
    size = megabytes(file_bytes)
    types = int(pc.count_distinct(events.unit_events["unit_type"]).as_py())
    refuse_above(MAX_UNIT_TYPES, types, "types of units")
    refuse_above(COUNTS_PER_MB * size, unit_count_rows(events), "counts of units by type and sample")
    refuse_above(DEATH_PAIRS_PER_MB * size, death_pairs(events, scale), "pairs of deaths close to one another")


def unit_count_rows(events: TrackerEvents) -> int:
    """At most how many counts the replay has: every player and type of unit that came together, at every sample."""
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
    """At each place the last value that is not negative, since the place where the unit's life begins; else its first."""
    known = np.where(values >= 0, np.arange(len(values)), 0)
    return values[np.maximum(np.maximum.accumulate(known), lives)]


def death_pairs(events: TrackerEvents, scale: int) -> int:
    """At most how many pairs of deaths lie in one box of space and time or in neighbouring ones: battles are linked from them.

    ``scale``: map cells per unit of x and y. The boxes are those of ``int_death_boxes``, or as good as.
    """
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
    """What ``work`` gives, done in this thread, one replay of the process at a time.

    Raises ReplayError ``too_costly`` once it took ``replay_processor_seconds``, or the process grew by ``replay_memory_mb``
    (and never more than a worker has), for each megabyte of the file.
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
    """Raised in the thread at work, wherever it is. Not an Exception, so that nothing on the way takes it for its own."""


class _Watch(threading.Thread):
    """Looks at what the thread that made it costs. Processor time is the process's: a loaded machine takes none of it."""

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
        """Until it is stopped."""
        pause = _INTERVAL_SECONDS
        while not self._stopped.wait(pause):
            if verdict := self._excess():
                self.verdict = self.verdict or verdict
                self._raise(_OverBudgetError)
                pause = _GRACE_SECONDS

    def stop(self) -> None:
        """Nothing is raised once this has returned; what was about to be raised is raised in here.

        It is not taken back: CPython 3.11 would go on looking for it for ever, which makes all code slow and hangs a profiler.
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
    """Raises an error in a thread as soon as it runs Python code again."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
