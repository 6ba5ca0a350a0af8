"""The elements of a feature vector: each list is frozen by its version, so that a model meets the same vector in every release."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

VERSION: Final = 2
"""Of the list of elements. A new version only appends: the vector of an older one is the beginning of this one's."""

GRID: Final = 160
"""Game loops between two rows, those of the players' statistics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of the vector; ``since`` is the version of the list that added it.

    ``kind`` is ``economy`` (a statistic of the player), ``units`` (units of a base type alive), ``upgrades`` (1 from when it is
    researched), ``ratings`` (0 if unknown) or ``known`` (1 where what it names is known, else 0).
    """

    since: int
    kind: str
    name: str
    unit: str


@cache
def elements() -> tuple[Element, ...]:
    """The elements in the vector's order."""
    with (Path(__file__).parent / "elements.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Element(since=int(row.pop("since")), **row) for row in csv.DictReader(file))


def places(kind: str) -> dict[str, int]:
    """Place in the vector of each element of a kind, by name."""
    return {element.name: place for place, element in enumerate(elements()) if element.kind == kind}
