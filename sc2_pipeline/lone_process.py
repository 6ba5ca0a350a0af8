"""A child process for tasks that may crash their process: standard library only, one task at a time."""

import os
import threading
from collections.abc import Callable
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from typing import Any

from sc2_pipeline.stopping import finished_first, ignore_stops, unsignalled_children

_SECONDS_TO_END = 5.0


class ProcessDied(Exception):  # noqa: N818 - it says what happened, as the function's own errors do
    """The process died during a task."""


class LoneProcess:
    """Runs tasks one after another in a child process; replaces the process when it dies."""

    def __init__(self) -> None:
        self._process: Any = None
        self._connection: Any = None
        self._is_busy = False

    def result(self, function: Callable[[Any], Any], task: Any) -> Any:
        """Result of the function (imported by name in the child) for the task; raises its exception, or ProcessDied."""
        with finished_first(), unsignalled_children():
            self._start()
        self._is_busy = True
        try:
            self._connection.send((function, task))
            is_raised, answer = self._connection.recv()
        except (EOFError, OSError) as error:
            self.close()
            raise ProcessDied from error
        self._is_busy = False
        if is_raised:
            raise answer
        return answer

    def _start(self) -> None:
        if self._process is None:
            context = get_context("spawn")
            self._connection, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), daemon=False)
            self._process.start()
            # If this process kept that end open too, it would not notice the child's death.
            theirs.close()

    @finished_first()
    def close(self) -> None:
        """Ends the process, by force if a task is running."""
        if self._process is not None:
            self._connection.close()
            if self._is_busy:
                self._process.kill()
            self._process.join(_SECONDS_TO_END)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process = None
            self._is_busy = False


def _serve(connection: Connection) -> None:
    ignore_stops()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            function, task = connection.recv()
        except EOFError:
            return
        try:
            answer = False, function(task)
        except Exception as error:  # noqa: BLE001 - whoever gave the task raises it
            answer = True, error
        connection.send(answer)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
