"""Escapes text from replays for use in HTML."""

import html
import re

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def escaped(value: object) -> str:
    """A value escaped for HTML text or attributes; characters that change the writing direction are removed.

    >>> escaped('<b>"&')
    '&lt;b&gt;&quot;&amp;'
    """
    if value is None:
        return ""
    return html.escape(_CONTROL.sub("\ufffd", _DIRECTION.sub("", str(value))))


def name(value: object) -> str:
    """A player's or map's name, isolated so that its writing direction does not affect the text around it."""
    return f"<bdi>{escaped(value)}</bdi>"


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands divided; a dash for None."""
    return "–" if value is None else f"{value:,.{digits}f}"


def percent(value: float | None) -> str:
    """A share in percent; a dash for None."""
    return "–" if value is None else f"{100 * value:.0f}%"
