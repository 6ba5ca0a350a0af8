"""Names that players give to openers and plans: ``openers.csv`` as rows of conditions.

A row of the file is a name for one race; the first whose conditions all hold is a player's. A condition is one of

* ``N ITEM``: the player began ITEM (a unit type or an upgrade, as events name it; not cancelled) an N-th time (1 if left out);
* ``N ITEM < M OTHER``: and did so before the M-th OTHER, or never began that;
* ``N ITEM by 3:20``: and did so by that time, at speed Faster.

``not`` before it denies it, and ``proxy`` counts only structures that are nearer to an enemy's start than to the player's own.
Times are those of games that begin with 12 workers. Later openings of other starts are :data:`LATER_SECONDS`
behind, unless the row is for a start of its own. Source: game knowledge, and times read off the real replays of the tests.
"""

import csv
import re
from collections.abc import Iterator
from typing import Any, Final

from sc2_pipeline.errors import ContractError
from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE
from sc2_pipeline.game_rules import rows

LATER_SECONDS: Final = {6: 80, 8: 20, 12: 0}
"""By start workers, how much later the same step is taken than with 12."""

_TERM = r"(?:(?P<{0}_nth>\d+) )?(?P<{0}>\w+)"
_CONDITION: Final = re.compile(
    rf"(?P<negative>not )?(?P<proxy>proxy )?{_TERM.format('item')}"
    rf"(?: < {_TERM.format('other')})?(?: by (?P<minutes>\d+):(?P<seconds>\d\d))?"
)


def opener_conditions() -> Iterator[dict[str, Any]]:
    """One row per condition of each name and start; ``rank`` orders the names of a race and level. Raises ContractError
    for a condition that cannot be read."""
    with (rows.FOLDER / "openers.csv").open(encoding="utf-8", newline="") as file:
        for rank, row in enumerate(csv.DictReader(file)):
            conditions = [_condition(text.strip()) for text in row["conditions"].split(";")]
            own = row["start_workers"]
            for start_workers, later in LATER_SECONDS.items():
                if own and int(own) != start_workers:
                    continue
                for number, condition in enumerate(conditions):
                    seconds = condition.pop("seconds") if "seconds" in condition else None
                    by = None if seconds is None else (seconds + (0 if own else later)) * GAME_LOOPS_PER_MINUTE // 60
                    yield {
                        "level": row["level"],
                        "race": row["race"],
                        "name": row["name"],
                        "rank": rank,
                        "start_workers": start_workers,
                        "condition_number": number,
                        "by_game_loop": by,
                        **condition,
                    }
                    if seconds is not None:
                        condition["seconds"] = seconds


def _condition(text: str) -> dict[str, Any]:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise ContractError(f"openers.csv has the condition {text!r}, which is not of a form that openers.py describes")
    parts = found.groupdict()
    told = {
        "is_negative": parts["negative"] is not None,
        "is_proxy": parts["proxy"] is not None,
        "item": parts["item"],
        "nth": int(parts["item_nth"] or 1),
        "other_item": parts["other"],
        "other_nth": int(parts["other_nth"] or 1) if parts["other"] else None,
    }
    if parts["minutes"] is not None:
        told["seconds"] = 60 * int(parts["minutes"]) + int(parts["seconds"])
    return told
