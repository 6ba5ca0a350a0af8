"""Worker pools: run one function on many tasks in processes, on this machine or a cluster, with dask.distributed."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from types import TracebackType
from typing import Any, Self

from sc2_pipeline.errors import MachineError
from sc2_pipeline.lone_process import LoneProcess, ProcessDied
from sc2_pipeline.scratch_folders import scratch_folder
from sc2_pipeline.stopping import finished_first, ignore_stops, raise_if_told, unsignalled_children

DASK_SETTINGS = {
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": 1,
    "distributed.worker.daemon": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.admin.low-level-log-length": 100,
    "distributed.comm.timeouts.connect": "30s",
    "distributed.deploy.lost-worker-timeout": "365 days",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
"""Saturation 1.0: a worker has no other task queued on it, so a crash affects one task. Tasks are small, so nothing is
spilled to disk. Lost workers: a nanny restarts its worker; if that takes longer than Dask's 15 s, as on a busy machine, the
cluster ends the nanny, and a run that has no worker left waits forever. No routes: Dask's HTTP pages do not use TLS and
would show tasks to every user of the machine."""

TASKS_OUT_PER_WORKER = 4
"""Enough to keep every worker busy; few enough that a killed run leaves few replays in doubt."""

FEW_TASKS = 2
"""Up to this many light tasks run in this process: each takes some 0.2 s, starting processes 1.5 s."""

PROCESS_DIED = "the worker process died"


@dataclass(frozen=True, slots=True)
class Died:
    """Result of a task whose worker process died."""

    detail: str


class Handed:
    """A task that a worker has been given beside those of ``Workers.run``."""

    def __init__(self, future: Any) -> None:
        self._future = future

    @property
    def is_done(self) -> bool:
        """Whether it has come back."""
        return bool(self._future.done())

    def result(self) -> Any:
        """What the task gave, once it has come back; a :class:`Died` if its process died. Raises what the task raised."""
        result = _result(self._future)
        self._future.release()
        raise_if_told()
        return result


class Workers:
    """A pool of processes, or this process if ``count`` is 1 and no scheduler is named.

    ``scheduler`` is the address of a running Dask scheduler (``tcp://host:port``); its workers need this package and
    the same folders. ``release`` frees what tasks left open in a process that keeps running: this one, or a worker of a
    joined cluster. Raises MachineError if the scheduler does not answer, or processes cannot be started.
    """

    def __init__(
        self,
        count: int,
        *,
        memory_mb: int,
        scheduler: str | None = None,
        release: Callable[[], None] = lambda: None,
    ) -> None:
        self._count = count
        self._memory_mb = memory_mb
        self._scheduler = scheduler
        self._release = release
        self._cluster: Any = None
        self._client: Any = None
        self._lone = LoneProcess()
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    @property
    def are_processes(self) -> bool:
        """Whether tasks run in other processes."""
        return self._count > 1 or self._scheduler is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @finished_first()
    def close(self) -> None:
        """Ends the processes, or disconnects from the joined cluster."""
        self._lone.close()
        self._release()
        if self._client is not None:
            if self._scheduler is not None:
                self._release_joined()
            self._client.close(timeout=10)
            self._client = None
        if self._cluster is not None:
            self._cluster.close(timeout=10)
            self._cluster = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def _release_joined(self) -> None:
        try:
            self._client.run(self._release, on_error="ignore")
        except Exception as error:  # noqa: BLE001 - the cluster may be gone, whatever Dask calls that
            logging.getLogger(__name__).warning("games of this run may be left on the cluster's workers: %s", error)

    def run(
        self,
        function: Callable[[Any], Any],
        tasks: Sequence[Any],
        *,
        on_start: Callable[[Any], None] = lambda _: None,
        on_end: Callable[[Any, Any], None] = lambda *_: None,
        is_wanted: Callable[[Any], bool] = lambda _: True,
        tasks_ahead: Callable[[], int] = lambda: TASKS_OUT_PER_WORKER,
        one_at_a_time: bool = False,
        are_light: bool = False,
    ) -> Iterator[tuple[Any, Any]]:
        """``(task, result)`` pairs in order of completion; the result is a :class:`Died` if the task's process died
        twice. Dask may blame a task for its neighbour's crash, so retry such tasks ``one_at_a_time``, which uses
        another process even if ``count`` is 1.

        ``on_start`` is called with a task before it is submitted; few are submitted at a time, ``tasks_ahead`` for each
        worker. ``on_end`` hears each pair before the next task is submitted, and tasks that ``is_wanted`` then does not
        want are left out. A few ``are_light`` tasks run in this process, since starting processes would take longer.
        Exceptions of ``function`` are raised here.
        """
        wanted = filter(is_wanted, tasks)
        is_not_worth_starting = are_light and self._client is None and len(tasks) <= FEW_TASKS
        if one_at_a_time:
            for task in wanted:
                for pair in self._apart(function, task, on_start):
                    on_end(*pair)
                    yield pair
        elif not self.are_processes or not tasks or is_not_worth_starting:
            for task in wanted:
                on_start(task)
                result = function(task)
                raise_if_told()
                on_end(task, result)
                yield task, result
        else:
            yield from self._together(function, wanted, on_start, on_end, tasks_ahead)

    @property
    def are_running(self) -> bool:
        """Whether there are worker processes already."""
        return self._client is not None

    def hand_out(self, function: Callable[[Any], Any], task: Any) -> Handed:
        """Gives a worker process a task beside those of ``run``, before those that still wait."""
        with finished_first(), unsignalled_children():
            client = self._started()
        return Handed(client.submit(function, task, pure=False, priority=1))

    def _apart(
        self, function: Callable[[Any], Any], task: Any, on_start: Callable[[Any], None]
    ) -> Iterator[tuple[Any, Any]]:
        if self.are_processes:
            yield from self._together(function, [task], on_start)
            return
        on_start(task)
        result: Any
        try:
            result = self._lone.result(function, task)
        except ProcessDied:
            result = Died(PROCESS_DIED)
        raise_if_told()
        yield task, result

    def _together(
        self,
        function: Callable[[Any], Any],
        tasks: Iterable[Any],
        on_start: Callable[[Any], None],
        on_end: Callable[[Any, Any], None] = lambda *_: None,
        tasks_ahead: Callable[[], int] = lambda: TASKS_OUT_PER_WORKER,
    ) -> Iterator[tuple[Any, Any]]:
        from distributed import as_completed  # noqa: PLC0415 - 0.6 s that a run without processes is spared

        with finished_first(), unsignalled_children():
            client = self._started()
        waiting, workers = iter(tasks), self._worker_count()
        out: dict[Any, Any] = {}

        def hand_out() -> list[Any]:
            handed = []
            for task in islice(waiting, max(workers * tasks_ahead() - len(out), 0)):
                on_start(task)
                future = client.submit(function, task, pure=False)
                out[future] = task
                handed.append(future)
            return handed

        try:
            finished = as_completed(hand_out(), loop=client.loop)
            for future in finished:
                task = out.pop(future)
                result = _result(future)
                # Closed here and not on garbage collection, where an interrupt would be lost.
                future.release()
                # The workers may have been ended before this program.
                raise_if_told()
                on_end(task, result)
                finished.update(hand_out())
                yield task, result
        finally:
            client.cancel(list(out))

    def _worker_count(self) -> int:
        if self._scheduler is None:
            return self._count
        return max(1, len(self._client.scheduler_info()["workers"]))

    def _started(self) -> Any:
        if self._client is None:
            import dask  # noqa: PLC0415
            from distributed import Client, LocalCluster  # noqa: PLC0415

            from sc2_pipeline.cluster_keys import make_security  # noqa: PLC0415

            dask.config.set(DASK_SETTINGS)
            if self._scheduler is not None:
                self._client = _joined(self._scheduler)
                return self._client
            self._scratch = scratch_folder("workers")
            # The scheduler has a folder too, which no argument moves.
            dask.config.set({"temporary-directory": self._scratch.name})
            try:
                self._cluster = LocalCluster(
                    n_workers=self._count,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    protocol="tls://",
                    security=make_security(),
                    memory_limit=f"{self._memory_mb}MB",
                    # None would use port 8787, and warn if it is taken.
                    dashboard_address="127.0.0.1:0",
                    scheduler_kwargs={"dashboard": False},
                    local_directory=self._scratch.name,
                    silence_logs=logging.CRITICAL,
                    preload=[__name__],
                )
            except (RuntimeError, OSError) as error:
                raise MachineError(
                    f"{self._count} worker processes cannot be started ({error}); see what this machine refuses "
                    "(processes, memory, files), or give --workers 1"
                ) from error
            self._client = Client(self._cluster, set_as_default=False)
        return self._client


def dask_setup(_: Any) -> None:
    """Dask preload hook, called as each worker process starts."""
    ignore_stops()


def _result(future: Any) -> Any:
    from distributed.scheduler import KilledWorker  # noqa: PLC0415

    error = future.exception()
    if isinstance(error, KilledWorker):
        return Died(PROCESS_DIED)
    if error is not None:
        raise error
    return future.result()


def _joined(scheduler: str) -> Any:
    from distributed import Client  # noqa: PLC0415

    try:
        client: Any = Client(scheduler, set_as_default=False, timeout="30s")
    except OSError as error:
        raise MachineError(
            f"no Dask scheduler answers at {scheduler} ({error}); start one with `dask scheduler`, or leave --scheduler out"
        ) from error
    if not client.scheduler.address.startswith(("tls://", "wss://")):
        _warn_of_open_scheduler(scheduler)
    return client


@cache
def _warn_of_open_scheduler(scheduler: str) -> None:
    """Warns once per process that the joined scheduler does not use TLS."""
    logging.getLogger(__name__).warning(
        "the Dask scheduler at %s is joined without TLS: whoever reaches it runs programs on its workers, and here; "
        "docs/operate.md says how to give it certificates",
        scheduler,
    )
