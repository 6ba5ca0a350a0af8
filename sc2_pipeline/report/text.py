"""Escaping and formatting of text and numbers for HTML."""

import html
import re

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def escaped(value: object) -> str:
    """A value as HTML text or attribute value: markup is escaped, and bidirectional control characters are removed.

    >>> escaped('<b>"&')
    '&lt;b&gt;&quot;&amp;'
    """
    if value is None:
        return ""
    return html.escape(_CONTROL.sub("\ufffd", _DIRECTION.sub("", str(value))))


def name(value: object) -> str:
    """A player or map name, isolated so that its writing direction does not affect the text around it."""
    return f"<bdi>{escaped(value)}</bdi>"


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands separators; a dash for None."""
    return "–" if value is None else f"{value:,.{digits}f}"


def percent(value: float | None) -> str:
    """A share as a percentage; a dash for None."""
    return "–" if value is None else f"{100 * value:.0f}%"
