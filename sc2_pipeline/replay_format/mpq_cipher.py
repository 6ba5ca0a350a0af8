"""The hash and the cipher of MPQ archives: members are looked up by hashes of their names, and the two tables are encrypted.

Both are published in StormLib and mpyq; neither is a secret or a protection.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

TABLE_OFFSET: Final = 0
FIRST_NAME: Final = 1
SECOND_NAME: Final = 2
CIPHER_KEY: Final = 3
"""Purposes of a hash, with the numbers of the format."""

_MASK = 0xFFFFFFFF


def name_hash(name: str, purpose: int) -> int:
    """The 32-bit hash of a member's name (capitals do not matter) for one of the four purposes."""
    table = _cipher_table()
    seed_1, seed_2 = 0x7FED7FED, 0xEEEEEEEE
    for byte in name.upper().encode("utf-8"):
        seed_1 = table[(purpose << 8) + byte] ^ ((seed_1 + seed_2) & _MASK)
        seed_2 = (byte + seed_1 + seed_2 * 33 + 3) & _MASK
    return seed_1


@lru_cache(maxsize=64)
def name_hashes(name: str) -> tuple[int, int]:
    """The two hashes that identify a member in the hash table."""
    return name_hash(name, FIRST_NAME), name_hash(name, SECOND_NAME)


def decrypted(words: Iterable[int], key: int) -> list[int]:
    """Decrypts a table of little-endian 32-bit words: the inverse of :func:`encrypted`."""
    table = _cipher_table()
    seed = 0xEEEEEEEE
    plain = []
    for word in words:
        seed = (seed + table[0x400 + (key & 0xFF)]) & _MASK
        value = word ^ ((key + seed) & _MASK)
        key = _next_key(key)
        seed = (value + seed * 33 + 3) & _MASK
        plain.append(value)
    return plain


def encrypted(words: Iterable[int], key: int) -> list[int]:
    """The words of a table as an archive stores them."""
    table = _cipher_table()
    seed = 0xEEEEEEEE
    hidden = []
    for word in words:
        seed = (seed + table[0x400 + (key & 0xFF)]) & _MASK
        hidden.append(word ^ ((key + seed) & _MASK))
        key = _next_key(key)
        seed = (word + seed * 33 + 3) & _MASK
    return hidden


def _next_key(key: int) -> int:
    return ((~key << 21) + 0x11111111 | key >> 11) & _MASK


@cache
def _cipher_table() -> list[int]:
    seed = 0x00100001
    table = [0] * 0x500
    for row in range(0x100):
        for column in range(row, 0x500, 0x100):
            seed = (seed * 125 + 3) % 0x2AAAAB
            high = (seed & 0xFFFF) << 16
            seed = (seed * 125 + 3) % 0x2AAAAB
            table[column] = high | seed & 0xFFFF
    return table
