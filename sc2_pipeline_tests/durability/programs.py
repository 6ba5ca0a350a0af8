"""Runs the program under ``faults.c``: the arguments, the operations on the home, and the result."""

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Self

from sc2_pipeline_tests.cli.programs import environment

SHIM_SOURCE = Path(__file__).with_name("faults.c")


def why_not() -> str | None:
    """Why faults cannot be injected on this machine; None if they can."""
    if sys.platform != "linux" or platform.libc_ver()[0] != "glibc":
        return "faults are brought about by LD_PRELOAD of glibc on Linux"
    return None if shutil.which("cc") else "no C compiler (cc) to build faults.c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One line of the record of ``faults.c``: ``point`` is the operation's number, ``within`` the write's number in it.

    Paths are relative to the home; ``other`` is the target of a rename.
    """

    point: int
    within: int
    kind: str
    path: str
    other: str
    at: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Fault injected at one operation: a signal, or an error at that operation only (from there on if ``is_lasting``).

    No fault if ``point`` is 0.
    """

    point: int = 0
    within: int = 0
    signal: int = 0
    error: int = 0
    is_lasting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Result of a finished program; ``exit_code`` is negative if a signal killed it."""

    exit_code: int
    stdout: str
    stderr: str


class Programs:
    """Starts the program on watched homes by forking one process that has imported it."""

    def __init__(self, work: Path) -> None:
        """Compiles ``faults.c`` into ``work``, which also gets records and output."""
        self._work = work
        self._record = work / "record"
        shim = work / "faults.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, SHIM_SOURCE, "-ldl", "-lpthread"], check=True)
        self._server = subprocess.Popen(
            [sys.executable, "-m", "sc2_pipeline_tests.durability.fork_server"],
            env=environment(LD_PRELOAD=str(shim), OPENBLAS_NUM_THREADS="1", SC2_PIPELINE_WORKERS="1"),
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()

    def run(self, *words: object, home: Path, fault: Fault = Fault()) -> Ended:
        """Runs the program with these arguments and ``--home``; returns when it has ended."""
        out, err = self._work / "stdout", self._work / "stderr"
        request = {
            "words": [*map(str, words), "--home", str(home)],
            "stdout": str(out),
            "stderr": str(err),
            "watched": [str(home), str(self._record), *map(int, astuple(fault))],
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        exit_code = int(self._server.stdout.readline())
        return Ended(
            exit_code=exit_code,
            stdout=out.read_text(encoding="utf-8"),
            stderr=err.read_text(encoding="utf-8"),
        )

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Operations of the last run on its home."""
        return tuple(self._operations())

    def _operations(self) -> Iterator[Operation]:
        with self._record.open("rb") as file:
            for line in file:
                point, within, kind, path, other, at, size = line.decode().rstrip("\n").split("\t")
                yield Operation(
                    point=int(point),
                    within=int(within),
                    kind=kind,
                    path=path,
                    other=other,
                    at=int(at),
                    data=file.read(int(size)),
                )
