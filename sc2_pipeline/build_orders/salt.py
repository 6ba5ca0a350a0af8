"""A build order in the SALT format, which practice maps and build-order sites read.

A version, title, author and description, then five characters a step: supply, minutes, seconds, kind and number, each
a printable character whose place after the space is the value.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sc2_pipeline.build_orders.steps import BuildStep
from sc2_pipeline.game_rules import salt_items

VERSION: Final = "$"
"""Value 4, which is what sites write."""

KINDS: Final = ("structure", "unit", "morph", "upgrade")

_SPACE = ord(" ")
_GREATEST = ord("~") - _SPACE
_LEAST_SUPPLY = 5
_LEVEL = re.compile(r"Level\d$")
_NOT_IN_HEADER = re.compile(r"[^ -{}]")
"""Fields end with | and the header with ~."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaltBuild:
    """A build order as SALT; ``left_out`` are names of what the format has no number for."""

    text: str
    left_out: Sequence[str]


def salt(steps: Iterable[tuple[BuildStep, int]], *, title: str, author: str) -> SaltBuild:
    """The steps, each with its second on the clock, that were not given up."""
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
    # Supply is counted from 5, whose value is 1; 0 is none.
    used = 0 if supply is None else max(int(supply) - _LEAST_SUPPLY + 1, 0)
    values = (used, second // 60, second % 60, kind, number)
    return "".join(chr(_SPACE + min(value, _GREATEST)) for value in values)
