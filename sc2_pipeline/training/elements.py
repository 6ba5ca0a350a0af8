"""The elements of a feature vector: frozen by version, so that a model meets the same vector in every release."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

VERSION: Final = 1
"""Of the list of elements. Another list gets another number and another file; files of old numbers stay."""

GRID: Final = 160
"""Game loops between two rows, those of the players' statistics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of the vector. ``kind`` is ``economy`` (a statistic of the player at the row's game loop), ``units`` (units
    of a base type alive) or ``upgrades`` (1 from when it is researched)."""

    kind: str
    name: str
    unit: str


@cache
def elements() -> tuple[Element, ...]:
    """The elements in the vector's order."""
    with (Path(__file__).parent / f"elements_{VERSION}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Element(**row) for row in csv.DictReader(file))


def places(kind: str) -> dict[str, int]:
    """Place in the vector of each element of a kind, by name."""
    return {element.name: place for place, element in enumerate(elements()) if element.kind == kind}
