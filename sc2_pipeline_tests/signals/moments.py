"""A program that tells itself to stop at a chosen moment, and what must hold of it afterwards."""

import os
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline.compaction import compact_lake
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.cli.programs import environment
from sc2_pipeline_tests.empty_warehouse import EmptyWarehouse
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

MARK = "SC2_PIPELINE_TESTS_MARK"
"""Environment variable by which processes that a program left behind are known."""

REPLAYS = 4

_PROCESSES_AT_ONCE = (
    "import sc2_pipeline.workers as w, sc2_pipeline.pipeline.extraction as e; w.FEW_TASKS = 0; e.REPLAYS_PER_TASK = 1"
)
"""So few replays would be done without processes, and in one task."""

_PROGRAM = """
import os, signal, sys, threading
from sc2_pipeline.__main__ import main

number, to_all, moment, place = int(sys.argv[1]), sys.argv[2] == "group", sys.argv[3], sys.argv[4]
exec(sys.argv[5])
sys.argv[:6] = ["sc2-pipeline"]
calls = 0

def told():
    # In another thread: the main one is in the midst of something by then, in our code, in DuckDB, or in a wait.
    os.killpg(os.getpgrp(), number) if to_all else os.kill(os.getpid(), number)

def count(frame, event, _):
    global calls
    place_of_code = frame.f_code.co_filename
    # Reading replays makes most of the calls: moments would be of that alone.
    if event != "call" or "sc2_pipeline" not in place_of_code or "replay_format" in place_of_code:
        return
    calls += 1
    if moment in (str(calls), frame.f_code.co_name):
        sys.setprofile(None)
        with open(place, "w") as file:
            file.write(frame.f_code.co_name)
        threading.Thread(target=told).start()

if __name__ == "__main__":
    sys.setprofile(count)
    try:
        main()
    finally:
        sys.setprofile(None)
        if moment == "never":
            with open(place, "w") as file:
                file.write(str(calls))
"""

_PROGRESS = re.compile(r"[a-z ]+: \d+ of \d+(, .*)?")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A command, whether it finds a home with the replays loaded, and a statement of Python that comes before it."""

    name: str
    words: tuple[str, ...]
    is_loaded: bool
    is_reader: bool = False
    first: str = "pass"


SCENES = (
    Scene(name="run", words=("run", "games", "--workers", "1", "--batch-replays", "2"), is_loaded=False),
    Scene(
        name="run with two workers",
        words=("run", "games", "--workers", "2", "--batch-replays", "2"),
        is_loaded=False,
        first=_PROCESSES_AT_ONCE,
    ),
    Scene(name="run again", words=("run", "games", "--workers", "1"), is_loaded=True),
    Scene(name="compact", words=("compact",), is_loaded=True),
    Scene(name="export", words=("export", "parquet", "dataset"), is_loaded=True, is_reader=True),
    Scene(name="report", words=("report",), is_loaded=True, is_reader=True),
    Scene(name="ask", words=("ask", "openings"), is_loaded=True, is_reader=True),
    Scene(
        name="sql",
        words=("sql", "select count(*) from marts.fct_units a, marts.fct_units b"),
        is_loaded=True,
        is_reader=True,
    ),
    Scene(name="status", words=("status",), is_loaded=True, is_reader=True),
)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a program ended that a signal was sent to, and where it was then."""

    exit_code: int
    stdout: str
    stderr: str
    place: str


class Moments:
    """Programs over the same replays; homes are made in folders of their own."""

    def __init__(self, work: Path, empty: EmptyWarehouse | None = None) -> None:
        """With ``empty``, new homes have that warehouse and need not make their own."""
        self._work = work
        self._empty = empty
        self.games = work / "games"
        collection(self.games, REPLAYS, seed=11, game_loops=(1_400, 1_600))
        self._loaded = work / "loaded"
        run_home([self.games], self._loaded)
        self.expected = answers(self._loaded)
        self._calls: dict[str, int] = {}

    def calls(self, scene: Scene) -> int:
        """How many calls of our functions an undisturbed run of the command makes: its moments."""
        if scene.name not in self._calls:
            place = self._place(scene)
            ended = self._ended(scene, place, number=0, to_all=False, moment="never")
            assert ended.exit_code == 0, ended.stderr
            self._calls[scene.name] = int(ended.place)
            shutil.rmtree(place)
        return self._calls[scene.name]

    def amiss(self, scene: Scene, number: int, moment: int | str, *, to_all: bool) -> list[str]:
        """Sends the signal at the moment, a call by number or the first one of a function, to the program or to its workers too.

        Sentences about what is not as it should be, then and after the next run.
        """
        place = self._place(scene)
        try:
            ended = self._ended(scene, place, number=number, to_all=to_all, moment=moment)
            found = [*_said(ended, number), *self._left(place), *self._next(scene, place, ended)]
            if isinstance(moment, str) and ended.place != moment:
                found.append(f"it never came to {moment}")
            return [f"{sentence} (told in {ended.place}; {ended.stderr[-1000:]})" for sentence in found]
        finally:
            shutil.rmtree(place)

    def _place(self, scene: Scene) -> Path:
        place = self._work / secrets.token_hex(4)
        (place / "temp").mkdir(parents=True)
        (place / "games").symlink_to(self.games)
        if scene.is_loaded:
            shutil.copytree(self._loaded, place / "home")
        elif self._empty is not None:
            self._empty.place(place / "home")
        return place

    def _ended(self, scene: Scene, place: Path, *, number: int, to_all: bool, moment: int | str) -> Ended:
        mark = secrets.token_hex(8)
        told = (str(number), "group" if to_all else "one", str(moment), str(place / "moment"))
        with subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *told, scene.first, *scene.words, "--home", "home"],
            cwd=place,
            env=environment(TMPDIR=str(place / "temp"), **{MARK: mark}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            stdout, stderr = process.communicate(timeout=600)
        left = [one.pid for one in psutil.process_iter(["environ"]) if (one.info["environ"] or {}).get(MARK) == mark]
        if psutil.wait_procs([psutil.Process(pid) for pid in left if psutil.pid_exists(pid)], timeout=30)[1]:
            stderr += "processes are left\n"
        where = place / "moment"
        there = where.read_text(encoding="utf-8") if where.is_file() else "no call, it was over"
        return Ended(exit_code=process.returncode, stdout=stdout, stderr=stderr, place=there)

    def _left(self, place: Path) -> Iterator[str]:
        if strays := [path.name for path in (place / "temp").iterdir()]:
            yield f"{strays} are left in the temp folder"
        if halves := [path.name for path in place.rglob("*partial*")]:
            yield f"{halves} are left"
        manifest, warehouse = place / "home" / "manifest.sqlite", place / "home" / "warehouse.duckdb"
        if not manifest.is_file():
            return
        with closing(sqlite3.connect(manifest)) as connection:
            loaded, failed = connection.execute(
                "select count(*) filter (where status = 'loaded'), count(*) filter (where status = 'failed') from replays"
            ).fetchone()
            outcomes = {row[0] for row in connection.execute("select distinct outcome from attempts")}
        if failed or outcomes - {"extracted", "stopped"}:
            yield f"{failed} replays are blamed, and tries ended {outcomes}"
        published = query(place / "home", "select count(*) from marts.dim_replays") if warehouse.is_file() else [(0,)]
        if published != [(loaded,)]:
            yield f"{loaded} replays are loaded and {published} published"

    def _next(self, scene: Scene, place: Path, ended: Ended) -> Iterator[str]:
        home = place / "home"
        if scene.name == "compact":
            compact_lake(Settings(home=home, workers=1))
        if scene.name == "export" and (place / "dataset").exists() != (ended.exit_code == 0):
            yield "an export that was stopped is there, or a whole one is not"
        if scene.is_reader:
            return
        run_home([self.games], home)
        if answers(home) != self.expected:
            yield "after the next run it does not answer as an undisturbed one"


def _said(ended: Ended, number: int) -> Iterator[str]:
    said = [line for line in ended.stderr.splitlines() if not _PROGRESS.fullmatch(line)]
    # Told when all was done, it ends as ever.
    wanted = (0, 0) if ended.exit_code == 0 else (128 + number, 1)
    if (ended.exit_code, len(said)) != wanted:
        yield f"exit code {ended.exit_code} with {len(said)} lines, wanted {wanted}"
    if said and not said[0].startswith("sc2-pipeline: stopped"):
        yield f"it says {said[0]}"


NUMBERS = (signal.SIGINT, signal.SIGTERM)


def spread(count: int, calls: int) -> list[int]:
    """So many moments, evenly over all calls."""
    return [max(1, round((number + 0.5) / count * calls)) for number in range(count)]


needs_signals = os.name != "nt"
"""Windows has no SIGINT for one process; Ctrl-C there goes to the console."""
