"""Makes text from outside valid for SQLite, Arrow, DuckDB, JSON and terminals."""

import re
from typing import Final

REPLACEMENT: Final = "\ufffd"
"""Replaces invalid parts of a text: bytes that are not UTF-8, lone surrogates, and NUL."""

_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    r"""The text with ``REPLACEMENT`` for lone surrogates, which no UTF-8 can hold, and for NUL, where C's strings end.

    >>> storable("a\0b\ud800")
    'a�b�'
    """
    return _UNSTORABLE.sub(REPLACEMENT, text)


def text_of(data: bytes) -> str:
    """Decodes bytes of a replay or of the game; the only place that does."""
    return storable(data.decode("utf-8", "replace"))
