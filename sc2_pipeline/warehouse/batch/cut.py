"""Cuts what is to be loaded into batches: by bytes of extractions, which tell the memory that it takes, and by number."""

from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")

LOADED_BYTES = 32_000_000
"""Extractions that the writer stages and builds at once: 120 tournament games or 30 of the largest arcade games, for which it
takes some 0.7 GB."""

MERGED_BYTES = 64_000_000
"""Extractions whose built batches are merged in one transaction, which takes less memory than building them."""


class Cut(Generic[Item]):
    """Items collected into batches of at most so many replays and bytes, or of one item that alone is more."""

    def __init__(self, *, most_replays: int, most_bytes: int) -> None:
        self._most_replays, self._most_bytes = most_replays, most_bytes
        self._items: list[Item] = []
        self._replays = self._bytes = 0

    def added(self, item: Item, *, replays: int = 1, size: int) -> Iterator[list[Item]]:
        """Adds an item of so many replays and bytes; yields the batches that are full now."""
        if self._replays + replays > self._most_replays or self._bytes + size > self._most_bytes:
            yield from self.rest()
        self._items.append(item)
        self._replays += replays
        self._bytes += size
        if self._replays >= self._most_replays or self._bytes >= self._most_bytes:
            yield from self.rest()

    def rest(self) -> Iterator[list[Item]]:
        """Yields what is in no batch yet, if there is any."""
        items, self._items = self._items, []
        self._replays = self._bytes = 0
        if items:
            yield items
