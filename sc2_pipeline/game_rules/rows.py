"""Reads the rule tables as rows, each with the games for which it holds."""

import csv
import hashlib
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

FOLDER = Path(__file__).parent

SOLVER_TABLES: Final = ("rules", "items", "unit_types", "ability_commands")
"""Tables used to solve build orders and macro actions."""

LATEST: Final = (1 << 31) - 1
"""A base or data build later than any."""

_POINT: Final = re.compile(r"(\d{5,6})(?:\.(\d{5,6})|@(\d{4}-\d{2}-\d{2}))?")


class Moment(NamedTuple):
    """When a game was played, as far as eras distinguish; unknown parts count as the latest."""

    base_build: int
    data_build: int = LATEST
    day: date = date.max


class Point(NamedTuple):
    """The boundary between two eras."""

    base_build: int
    data_build: int = 0
    day: date = date.min

    def is_reached(self, moment: Moment) -> bool:
        """Whether the moment is at the point or later."""
        if moment.base_build != self.base_build:
            return moment.base_build > self.base_build
        return moment.data_build >= self.data_build and moment.day >= self.day


FIRST: Final = Point(0)
NEVER: Final = Point(LATEST + 1)


@dataclass(frozen=True, slots=True)
class Row:
    """One fact. ``fields`` are the columns of its CSV row."""

    fields: dict[str, str]
    mode: str
    since: Point
    until: Point
    source: str

    def holds(self, moment: Moment) -> bool:
        """Whether the fact holds for games of that moment."""
        return self.since.is_reached(moment) and not self.until.is_reached(moment)


def rows_of(name: str) -> tuple[Row, ...]:
    """Rows of a table, in the order of its file. Raises ValueError for an invalid era."""
    return _rows(FOLDER, name)


def rows_at(name: str, modes: Sequence[str], moment: Moment) -> list[Row]:
    """Rows of a table that hold for those modes at that moment; rows of the first mode come last."""
    by_mode = _by_mode(FOLDER, name)
    return [row for mode in reversed(modes) for row in by_mode.get(mode, ()) if row.holds(moment)]


def era_of(moment: Moment) -> Moment:
    """A representative moment for all between the same two points, so that their rules are built once."""
    return _era_of(FOLDER, moment)


def digest() -> str:
    """Sixteen hex digits that change with any row used to solve build orders and macro actions."""
    return _digest(FOLDER)


def point(text: str) -> Point:
    """Parses a point as spelt in the tables; raises ValueError for anything else.

    >>> point("59587"), point("70154.70326").data_build, point("60321@2017-12-18").day
    (Point(base_build=59587, data_build=0, day=datetime.date(1, 1, 1)), 70326, datetime.date(2017, 12, 18))
    """
    spelt = _POINT.fullmatch(text)
    if spelt is None:
        raise ValueError(f"{text} begins no era; write 59587, 70154.70326 or 60321@2017-12-18")
    base_build, data_build, day = spelt.groups()
    return Point(int(base_build), int(data_build or 0), date.fromisoformat(day) if day else date.min)


@cache
def _rows(folder: Path, name: str) -> tuple[Row, ...]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        header, *records = csv.reader(lines)
    return tuple(_row(dict(zip(header, record, strict=True))) for record in records)


def _row(fields: dict[str, str]) -> Row:
    since, until = fields["from_base_build"], fields["to_base_build"]
    return Row(
        fields, fields["mode"], point(since) if since else FIRST, point(until) if until else NEVER, fields["source"]
    )


@cache
def _by_mode(folder: Path, name: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in _rows(folder, name):
        found.setdefault(row.mode, []).append(row)
    return found


@cache
def _points(folder: Path) -> tuple[Point, ...]:
    """Every point at which a fact begins or ends, in order."""
    rows = [row for name in SOLVER_TABLES for row in _rows(folder, name)]
    return tuple(sorted({point for row in rows for point in (row.since, row.until)} - {FIRST, NEVER}))


@lru_cache(maxsize=4096)
def _era_of(folder: Path, moment: Moment) -> Moment:
    points = _points(folder)
    if any(point.base_build == moment.base_build and point != Point(moment.base_build) for point in points):
        return moment
    at = bisect_right(points, moment.base_build, key=lambda point: point.base_build)
    return Moment(points[at - 1].base_build if at else 0)


@cache
def _digest(folder: Path) -> str:
    # Read as text, since line endings depend on the checkout.
    texts = [(folder / f"{name}.csv").read_text(encoding="utf-8") for name in SOLVER_TABLES]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
