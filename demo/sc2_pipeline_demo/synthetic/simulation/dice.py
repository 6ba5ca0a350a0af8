"""Chance that falls the same on every Python."""

import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Dice:
    """Seeded chance. Only ``random()`` is used: of the standard generator's methods its values alone are promised."""

    def __init__(self, seed: int) -> None:
        self._generator = random.Random(seed)

    def below(self, end: int) -> int:
        """A whole number from 0 to ``end`` - 1."""
        return int(self._generator.random() * end)

    def between(self, first: int, last: int) -> int:
        """A whole number from ``first`` to ``last``, both possible."""
        return first + self.below(last - first + 1)

    def happens(self, percent: int) -> bool:
        """True that often."""
        return self.below(100) < percent

    def pick(self, items: Sequence[Item]) -> Item:
        """One of them."""
        return items[self.below(len(items))]
