"""Where our starts and spawningtool's differ by more than a second, and why.

    python benchmarks/build_order_differences.py FOLDER_OF_REPLAYS

Every unit and structure of which both claim a start, on replays with creator tags that spawningtool can read. A
difference is "theirs" when the replay contradicts spawningtool's start, "definition" when both mean another thing or we
claim limits that hold its start, and "ours" when none of that can be shown.
"""

import argparse
from collections import Counter
from pathlib import Path

from build_order_starts import records, their_starts

from sc2_pipeline.build_orders import BuildOrder, BuildStep, build_orders
from sc2_pipeline.build_orders.audit import impossible_starts

FAR = 16
"""Game loops: a second of speed Normal."""

CHRONO_WINDOW = (
    "theirs: Chrono Boost taken for 320 game loops, or for another structure of its type, or that did nothing"
)
PATCH = "theirs: the build time of another patch"


def main() -> None:
    """Prints counts of each class."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    classes: Counter[str] = Counter()
    compared = far = read = unread = 0
    for path, record in records(parser.parse_args().folder):
        starts = their_starts(path)
        if starts is None:
            unread += 1
            continue
        read += 1
        impossible = {found.unit.tag: found.why for found in impossible_starts(record, starts)}
        for order in build_orders(record):
            for step in (*order.steps, *order.spawned):
                theirs = starts.get(step.unit_tag) if step.unit_tag is not None else None
                if theirs is None or step.started_game_loop is None:
                    continue
                compared += 1
                if abs(theirs - step.started_game_loop) > FAR:
                    far += 1
                    classes[why(order, step, theirs, impossible.get(step.unit_tag))] += 1
    print(
        f"{read} replays read by both, {unread} by us alone; {compared} starts compared, {far} differ by more than {FAR}"
    )
    for name, count in classes.most_common():
        print(f"{count:6}  {name}")


def why(order: BuildOrder, step: BuildStep, theirs: float, impossible: str | None) -> str:
    """The class of one difference."""
    limits = step.earliest_start_game_loop, step.latest_start_game_loop
    reasons = (
        (step.kind == "spawned", "definition: nobody builds it, so that it begins when it appears"),
        (step.kind == "morph" and step.start_method != "cocoon", "definition: a unit that was something else before"),
        (step.start_method in ("init", "egg", "cocoon"), f"theirs: the replay has the start as an event ({step.kind})"),
        (impossible is not None, f"theirs: impossible, {impossible}"),
        (step.finished_game_loop == theirs, "theirs: no build time known, so that it begins when it is done"),
        (
            limits[0] is not None and limits[0] - 1 <= theirs <= limits[1] + 1,
            "definition: within the limits that we give",
        ),
        (
            step.started_game_loop - step.start_error_game_loops <= theirs <= step.started_game_loop,
            "definition: within our error",
        ),
        (step.start_method == "bounded", "theirs: outside limits that hold at any speed"),
        (
            step.start_method == "command" and is_protoss(order),
            f"{CHRONO_WINDOW}; our start fits its command to the loop",
        ),
        (step.start_method == "command", f"{PATCH}; our start fits its command to the loop"),
        (is_protoss(order) and not is_oracle(step), CHRONO_WINDOW),
        (is_oracle(step), f"{PATCH} (Oracles of 4.0 and before are born 799 game loops apart)"),
    )
    return next((name for holds, name in reasons if holds), f"ours: {step.kind} {step.item} {step.start_method}")


def is_protoss(order: BuildOrder) -> bool:
    """Whether the player has Chrono Boost."""
    return order.context.player.race_actual == "protoss"


def is_oracle(step: BuildStep) -> bool:
    """Oracles' times are the one table value in which spawningtool and births differ."""
    return step.item == "Oracle"


if __name__ == "__main__":
    main()
