"""The program, imported once and forked for every run: started with ``faults.c`` preloaded, it reads requests from standard input.

A request is a line of JSON (:class:`~sc2_pipeline_tests.durability.programs.Programs` writes it); the answer is a line that holds
the exit status. The forked process leaves by the interpreter's usual way, so files are closed as they are in the installed program.
"""

import ctypes
import json
import os
import signal
import sys
from typing import Any

import sc2_pipeline.cli.app
import sc2_pipeline.cli.game_progress
import sc2_pipeline.pipeline.compaction  # noqa: F401 - imported before the fork, not after each
from sc2_pipeline.__main__ import main
from sc2_pipeline.sql_models import column_texts, read_models, read_tests
from sc2_pipeline.warehouse import alternating

SECONDS_ALLOWED = 400


def next_request() -> dict[str, Any]:
    """Forks for each request; returns it in the forked process only, and ends the program where no more come."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            return dict(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


def become(request: dict[str, Any]) -> None:
    """Turns the forked process into the program with the request's words, output and fault."""
    # Started in the background, this process may have been told to ignore them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.alarm(SECONDS_ALLOWED)
    sys.argv = ["sc2-pipeline", *request["words"]]
    for number, path in enumerate((os.devnull, request["stdout"], request["stderr"])):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC), number)
    home, record, point, within, *harm = request["watched"]
    numbers = [ctypes.c_long(point), ctypes.c_long(within), *harm]
    if ctypes.CDLL(None).faults_arm(home.encode(), record.encode(), *numbers) < 0:
        sys.exit(f"cannot write {record}")


if __name__ == "__main__":
    # The small homes of these tests have two published files too.
    alternating.ALTERNATING_BYTES = 0
    column_texts(read_models())
    read_tests()
    become(next_request())
    main()
