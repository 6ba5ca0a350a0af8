"""Pseudo-random numbers that are the same on every Python."""

import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Dice:
    """Seeded random numbers. Uses only ``random()``, the only method of the standard generator whose values are
    guaranteed not to change."""

    def __init__(self, seed: int) -> None:
        self._generator = random.Random(seed)

    def below(self, end: int) -> int:
        """A random integer from 0 to ``end`` - 1."""
        return int(self._generator.random() * end)

    def between(self, first: int, last: int) -> int:
        """A random integer from ``first`` to ``last``, both included."""
        return first + self.below(last - first + 1)

    def happens(self, percent: int) -> bool:
        """True with that probability in percent."""
        return self.below(100) < percent

    def pick(self, items: Sequence[Item]) -> Item:
        """A random element."""
        return items[self.below(len(items))]
