"""Texts from outside, as SQLite, Arrow, DuckDB, JSON and terminals all take them."""

import re
from typing import Final

REPLACEMENT: Final = "\ufffd"
"""Stands for what was no text: bytes that are no UTF-8, halves of characters, and NUL."""

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    r"""The text with ``REPLACEMENT`` for lone surrogates, which no UTF-8 can hold, and for NUL, where C's strings end.

    >>> storable("a\0b\ud800")
    'a�b�'
    """
    return _UNSTORABLE.sub(REPLACEMENT, text)


def text_of(data: bytes) -> str:
    """Bytes of a replay or of the game as text; the one place where they become it."""
    return storable(data.decode("utf-8", "replace"))
