"""Faults at every point of a command in turn, and what is amiss afterwards."""

import errno
import hashlib
import json
import random
import shutil
import signal
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import duckdb

from sc2_pipeline_tests.durability.disk import Disk, power_cuts, write_files
from sc2_pipeline_tests.durability.programs import Ended, Fault, Operation, Programs
from sc2_pipeline_tests.durability.scenes import Rows, Scene, everything, files, standings

FAULTS = {
    "die": Fault(signal=signal.SIGKILL),
    "full disk": Fault(error=errno.ENOSPC, is_lasting=True),
    "one refusal": Fault(error=errno.ENOSPC),
    "SIGINT": Fault(signal=signal.SIGINT),
    "SIGTERM": Fault(signal=signal.SIGTERM),
}

EXIT_CODES = {"die": (-9,), "full disk": (0, 1), "one refusal": (0, 1), "SIGINT": (130,), "SIGTERM": (143,)}
"""By kind of fault: how the program may end. What can be done without, or needs no room, may be refused and all goes well."""

POWER_CUTS = tuple(power_cuts(0))

KINDS = (*FAULTS, *POWER_CUTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A fault of one kind at one of a scene's operations, by index: before it is done, or at the end of all."""

    scene: Scene
    kind: str
    index: int

    @property
    def operation(self) -> Operation | None:
        """The operation; None at the end."""
        return self.scene.operations[self.index] if self.index < len(self.scene.operations) else None

    def __str__(self) -> str:
        at = self.operation
        where = "the end" if at is None else f"{at.point}.{at.within} ({at.kind} {at.path})"
        return f"{self.scene.name}: {self.kind} at {where}"


def every_point(scenes: Sequence[Scene]) -> list[Point]:
    """Faults of every kind at every point of every scene, halfway in consecutive writes; power is cut at the end too."""
    points = []
    for scene in scenes:
        for _, group in groupby(range(len(scene.operations)), key=lambda i: scene.operations[i].point):
            members = list(group)
            points += [Point(scene=scene, kind=kind, index=members[len(members) // 2]) for kind in KINDS]
        points += [Point(scene=scene, kind=kind, index=len(scene.operations)) for kind in POWER_CUTS]
    return points


def sample(points: Sequence[Point], count: int, seed: int) -> list[Point]:
    """So many points: one of each kind, each in another scene than the kind before, then one more of each, and so on."""
    groups: dict[str, dict[str, list[Point]]] = {}
    for point in random.Random(seed).sample(points, len(points)):
        groups.setdefault(point.kind, {}).setdefault(point.scene.name, []).append(point)
    turns = []
    for number, kind in enumerate(sorted(groups)):
        scenes = sorted(groups[kind])
        for shift, scene in enumerate(scenes[(number + i) % len(scenes)] for i in range(len(scenes))):
            turns += [(rank, shift, number, point) for rank, point in enumerate(groups[kind][scene])]
    return [point for *_, point in sorted(turns, key=lambda turn: turn[:3])[:count]]


class Harm:
    """Brings about faults in a home of its own, and looks what is amiss."""

    def __init__(self, programs: Programs, work: Path) -> None:
        self._programs = programs
        self._home = work / "home"
        self._seen: dict[tuple[str, str], list[str]] = {}

    def at(self, point: Point) -> list[str]:
        """Brings about one fault and runs the command again; sentences about what is amiss."""
        shutil.rmtree(self._home, ignore_errors=True)
        if point.kind in POWER_CUTS:
            return self._cut_power(point)
        return [*self._disturb(point), *self._mend(point.scene)]

    def _cut_power(self, point: Point) -> list[str]:
        """Most operations change nothing of what is left: what is left alike is looked at once."""
        disk = Disk(point.scene.start)
        disk.replay(point.scene.operations[: point.index])
        left = disk.left(power_cuts(point.index)[point.kind])
        is_over = point.operation is None
        key = (point.scene.name, hashlib.sha256(repr((is_over, sorted(left.items()))).encode()).hexdigest())
        if key not in self._seen:
            write_files(left, self._home)
            self._seen[key] = [*self._unreadable(point, is_over=is_over), *self._mend(point.scene)]
        return self._seen[key]

    def _disturb(self, point: Point) -> Iterator[str]:
        shutil.copytree(point.scene.start, self._home)
        at = point.operation
        assert at is not None
        fault = replace(FAULTS[point.kind], point=at.point, within=at.within)
        ended = self._programs.run(*point.scene.words, home=self._home, fault=fault)
        yield from _ill_ended(point.kind, ended)
        yield from self._unreadable(point, is_over=ended.exit_code == 0)
        yield from self._blamed(point.scene)
        if ended.exit_code == EXIT_CODES.get(point.kind) and point.kind.startswith("SIG"):
            yield from self._unpublished()

    def _unreadable(self, point: Point, *, is_over: bool) -> Iterator[str]:
        """What people miss who open the warehouse now."""
        before, after = point.scene.before, point.scene.after
        try:
            rows = everything(self._home)
        except duckdb.Error as error:
            yield f"people's warehouse does not answer: {error}"
            return
        if is_over and rows != after:
            yield f"after its end: {_difference(rows, after)}"
        elif point.kind in ("die", *POWER_CUTS) and rows not in (before, after):
            yield f"people's warehouse is neither as before nor as after: {_difference(rows, after)}"

    def _blamed(self, scene: Scene) -> Iterator[str]:
        """Replays that are said to be at fault, and are not."""
        try:
            found = standings(self._home)
        except sqlite3.Error as error:
            yield f"the manifest does not answer: {error}"
            return
        for status in ("failed", "rejected"):
            if blamed := found.get(status, set()) - scene.standings.get(status, set()):
                yield f"{len(blamed)} replays {status}"

    def _unpublished(self) -> Iterator[str]:
        published = {row[0] for row in everything(self._home).get("ops.loads", [])}
        loaded = standings(self._home).get("loaded", set())
        if published != loaded:
            yield f"stopped with {len(loaded)} loaded, {len(published)} published"

    def _mend(self, scene: Scene) -> Iterator[str]:
        for words in scene.again:
            ended = self._programs.run(*words, home=self._home)
            if ended.exit_code != 0 or "Traceback" in ended.stderr:
                yield f"`{words[0]}` again: exit code {ended.exit_code}: {_last_line(ended)}"
                return
            if words[0] == "run":
                yield from _miscounted(json.loads(ended.stdout.splitlines()[-1]), scene)
        try:
            rows = everything(self._home)
        except duckdb.Error as error:
            yield f"in the end people's warehouse does not answer: {error}"
            return
        if rows != scene.after:
            yield f"in the end: {_difference(rows, scene.after)}"
        there = files(self._home)
        for what, names in (("left over", there - scene.files), ("missing", scene.files - there)):
            if names:
                yield f"{what}: {', '.join(sorted(names)[:3])}"
        if standings(self._home) != scene.standings:
            yield f"in the end replays stand otherwise: {standings(self._home)}"


def _ill_ended(kind: str, ended: Ended) -> Iterator[str]:
    if ended.exit_code not in EXIT_CODES[kind]:
        yield f"exit code {ended.exit_code}: {_last_line(ended)}"
    if "Traceback" in ended.stderr:
        yield f"traceback: {_last_line(ended)}"
    sentences = [line for line in ended.stderr.splitlines() if line.startswith("sc2-pipeline: ")]
    if ended.exit_code > 0 and len(sentences) != 1:
        yield f"{len(sentences)} sentences: {_last_line(ended)}"


def _last_line(ended: Ended) -> str:
    return (ended.stderr.splitlines() or [""])[-1]


def _difference(found: Rows, wanted: Rows) -> str:
    names = [name for name in sorted(found.keys() | wanted.keys()) if found.get(name) != wanted.get(name)]
    return f"{len(names)} relations differ: {', '.join(names[:3])}"


def _miscounted(counts: dict[str, int], scene: Scene) -> Iterator[str]:
    wanted = {"found": sum(map(len, scene.standings.values())), "failed": 0, "pending": 0}
    wanted["rejected"] = len(scene.standings.get("rejected", ()))
    counted = {name: counts[name] for name in wanted} | {"in": counts["loaded"] + counts["already_loaded"]}
    if counted != {**wanted, "in": len(scene.standings["loaded"])}:
        yield f"miscounted: {counts}"
