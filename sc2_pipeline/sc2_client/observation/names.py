"""Names of the numeric ids and codes of the game's API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_LARGEST_ID = 1_000_000
"""Above all ids of the game; a garbled id must not allocate a table of that size."""

_COUNTED_IDS = 1 << 14


@dataclass(frozen=True)
class Lexicon:
    """Texts by number. An unknown number is NULL, or ``unknown_N`` with ``spells_unknown``."""

    texts: Mapping[int, str]
    spells_unknown: bool = False

    @cached_property
    def _by_number(self) -> pa.Array:
        """Text by number from 0, with a final NULL for all larger numbers."""
        numbers = [number for number in self.texts if 0 <= number < _LARGEST_ID]
        return pa.array(
            [self.texts.get(number) for number in range(max(numbers, default=-1) + 1)] + [None], pa.string()
        )

    def of(self, numbers: pa.Array) -> pa.Array:
        """The texts of an integer column; NULL for NULL."""
        beyond = len(self._by_number) - 1
        if not len(numbers) or numbers.null_count == len(numbers):
            return pa.nulls(len(numbers), pa.string())
        least, greatest = pc.min_max(numbers).values()
        if least.as_py() >= 0 and greatest.as_py() < beyond:
            texts = self._by_number.take(numbers)
        else:
            plain = numbers.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
            texts = self._by_number.take(pa.array(np.where((plain < 0) | (plain > beyond), beyond, plain)))
        if self.spells_unknown and texts.null_count > numbers.null_count:
            return pa.array([self.of_one(number) for number in numbers.to_pylist()], pa.string())
        return texts

    def coded(self, numbers: pa.Array) -> pa.DictionaryArray:
        """The same as a dictionary array, whose dictionary holds only the texts in use."""
        used, places = _coded(numbers)
        texts = self.of(used).dictionary_encode()
        return pa.DictionaryArray.from_arrays(texts.indices.take(places), texts.dictionary)

    def of_one(self, number: int | None) -> str | None:
        """The text of one number."""
        if number is None:
            return None
        return self.texts.get(number, f"unknown_{number}" if self.spells_unknown else None)


def _coded(numbers: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The distinct numbers, and the index of each number among them."""
    least, greatest = (one.as_py() for one in pc.min_max(numbers).values())
    if numbers.null_count or least is None or least < 0 or greatest >= _COUNTED_IDS:
        encoded = numbers.dictionary_encode()
        return encoded.dictionary, encoded.indices
    # Ids are few and small: marking them in an array is three times as fast as hashing.
    is_used = np.zeros(greatest + 1, np.bool_)
    is_used[numbers.to_numpy().astype(np.intp)] = True
    place_of = pa.array(np.cumsum(is_used, dtype=np.int32) - 1)
    return pa.array(np.flatnonzero(is_used)), pc.take(place_of, numbers, boundscheck=False)


@dataclass(frozen=True, kw_only=True)
class GameNames:
    """Names of the game's ids, from its ResponseData; without it, names are NULL."""

    unit_type: Lexicon = field(default_factory=lambda: Lexicon({}))
    ability: Lexicon = field(default_factory=lambda: Lexicon({}))
    upgrade: Lexicon = field(default_factory=lambda: Lexicon({}))
    buff: Lexicon = field(default_factory=lambda: Lexicon({}))
    effect: Lexicon = field(default_factory=lambda: Lexicon({}))

    def of(self, column: str) -> Lexicon:
        """The lexicon for a column of that name; raises KeyError for any other."""
        return {
            "unit_type": self.unit_type,
            "ability": self.ability,
            "upgrade": self.upgrade,
            "buff": self.buff,
            "effect": self.effect,
        }[column]
