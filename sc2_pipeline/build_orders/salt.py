"""A build order in the SALT format of practice maps and build-order sites.

A version, title, author and description, then five characters per step: supply, minutes, seconds, kind and number, each
a printable character whose offset from the space is the value.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sc2_pipeline.build_orders.steps import BuildStep
from sc2_pipeline.game_rules import salt_items

VERSION: Final = "$"
"""Value 4, which build-order sites write."""

KINDS: Final = ("structure", "unit", "morph", "upgrade")

_SPACE = ord(" ")
_GREATEST = ord("~") - _SPACE
_LEAST_SUPPLY = 5
_LEVEL = re.compile(r"Level\d$")
_NOT_IN_HEADER = re.compile(r"[^ -{}]")
"""Delimiters: fields end with | and the header with ~."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaltBuild:
    """A build order as SALT; ``left_out`` are names of items for which the format has no number."""

    text: str
    left_out: Sequence[str]


def salt(steps: Iterable[tuple[BuildStep, int]], *, title: str, author: str) -> SaltBuild:
    """Encodes steps that were not cancelled, each with its second on the clock."""
    parts, left_out = [], []
    for step, second in steps:
        if step.outcome == "cancelled" or step.item is None:
            continue
        known = salt_items().get(_LEVEL.sub("", step.item))
        if known is None:
            left_out.append(step.display_name)
            continue
        kind, number = known
        parts += [_step(step.supply_used, second, KINDS.index(kind), number)] * step.count
    header = "|".join(_NOT_IN_HEADER.sub("-", field) for field in (title, author, ""))
    return SaltBuild(text=f"{VERSION}{header}|~{''.join(parts)}", left_out=left_out)


def _step(supply: float | None, second: int, kind: int, number: int) -> str:
    # Value 1 is supply 5, and 0 is none.
    used = 0 if supply is None else max(int(supply) - _LEAST_SUPPLY + 1, 0)
    values = (used, second // 60, second % 60, kind, number)
    return "".join(chr(_SPACE + min(value, _GREATEST)) for value in values)
