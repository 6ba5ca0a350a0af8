"""How right the starts of build orders are: ours, and spawningtool's on the same replays.

    python benchmarks/build_order_starts.py FOLDER_OF_REPLAYS

Three questions that the replays answer themselves: starts that cannot be (before the previous unit left the same
building, before that building or the technology stood), starts of Zerg eggs against the moment the larva turned, and
starts of structures against the event that began them. spawningtool is asked where it is installed.
"""

import argparse
import contextlib
import io
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sc2_pipeline.build_orders import GameRecord, build_orders, read_game
from sc2_pipeline.build_orders.audit import QUEUE_ERRORS, impossible_starts, trained_units
from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format.mpq import open_archive

try:
    from spawningtool.parser import GameParser
except ModuleNotFoundError:
    GameParser = None


@dataclass
class Score:
    """Counts of one solver over all replays."""

    name: str
    replays: int = 0
    crashes: int = 0
    trained: int = 0
    impossible: Counter[str] = field(default_factory=Counter)
    units_with_impossible_start: int = 0
    protoss_trained: int = 0
    protoss_impossible: int = 0
    eggs: int = 0
    eggs_exact: int = 0
    egg_errors: list[float] = field(default_factory=list)
    structures: int = 0
    structures_exact: int = 0
    methods: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    ours, theirs = Score("sc2_pipeline"), Score("spawningtool")
    for path, record in records(folder):
        score(ours, record, our_starts(record, ours))
        if GameParser is not None:
            starts = their_starts(path)
            if starts is None:
                theirs.crashes += 1
            else:
                score(theirs, record, starts)
    print_table([ours, theirs] if GameParser is not None else [ours])
    print("\nour methods: " + ", ".join(f"{name} {count}" for name, count in ours.methods.most_common()))


def records(folder: Path) -> Iterator[tuple[Path, GameRecord]]:
    """Replays with creator tags; arcade maps apart, whose units no ladder rule fits."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() != ".sc2replay":
            continue
        try:
            record = read_game(open_archive(path))
        except ReplayError:
            continue
        if record.has_creators and record.lobby.game_mode != "arcade":
            yield path, record


def our_starts(record: GameRecord, score_of: Score) -> dict[int, float]:
    """Start by tag of the unit or structure, for all that a start is claimed for."""
    starts: dict[int, float] = {}
    for order in build_orders(record):
        for step in order.steps:
            score_of.methods[step.start_method] += 1
            if step.unit_tag is not None and step.started_game_loop is not None and step.kind != "morph":
                starts[step.unit_tag] = step.started_game_loop
    return starts


def their_starts(path: Path) -> dict[int, float] | None:
    """spawningtool's start by tag of the unit; None where it cannot read the replay."""
    starts: dict[int, float] = {}

    class Noting(GameParser):
        """Notes which unit each line of the build order is about; the lines themselves have only names."""

        def add_unit_born_event(self, event):
            self.note(event, super().add_unit_born_event)

        def add_unit_init_event(self, event):
            self.note(event, super().add_unit_init_event)

        def note(self, event, add):
            timeline = self.builds[event.control_pid].timeline if event.control_pid in self.builds else []
            before = len(timeline)
            add(event)
            if len(timeline) > before:
                starts[event.unit_id] = timeline[-1].frame

    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            Noting(str(path)).get_parsed_data()
    except Exception:  # noqa: BLE001 - whatever it raises, it has no build order
        return None
    return starts


def score(into: Score, record: GameRecord, starts: Mapping[int, float]) -> None:
    """Adds one replay to a score."""
    into.replays += 1
    races = {player.player_id: player.race_actual for player in record.lobby.players}
    trained = [unit for unit in trained_units(record) if unit.tag in starts]
    wrong = list(impossible_starts(record, starts))
    into.trained += len(trained)
    into.impossible.update(found.why for found in wrong)
    into.units_with_impossible_start += len({found.unit.tag for found in wrong})
    into.protoss_trained += sum(races.get(unit.player_id) == "protoss" for unit in trained)
    into.protoss_impossible += len({w.unit.tag for w in wrong if races.get(w.unit.player_id) == "protoss"})
    for unit in record.units.values():
        start = starts.get(unit.tag)
        if start is None:
            continue
        if unit.init is not None:
            into.structures += 1
            into.structures_exact += start == unit.init
        elif (egg_start := _egg_start(record, unit.creator_tag, unit.born)) is not None:
            into.eggs += 1
            into.eggs_exact += start == egg_start
            into.egg_errors.append(start - egg_start)


def _egg_start(record: GameRecord, creator_tag: int | None, born: int | None) -> int | None:
    egg = record.units.get(creator_tag) if creator_tag is not None else None
    if egg is None or born is None or egg.type_at(born - 1) != "Egg":
        return None
    return max(loop for loop, name in zip(egg.type_loops, egg.type_names, strict=True) if name == "Egg" and loop < born)


def print_table(scores: list[Score]) -> None:
    """One column per solver."""
    lines = {
        "replays read": lambda s: str(s.replays),
        "replays it cannot read": lambda s: str(s.crashes),
        "trained units": lambda s: str(s.trained),
        "impossible starts": lambda s: _share(s.units_with_impossible_start, s.trained),
        **{f"  {why}": lambda s, why=why: str(s.impossible[why]) for why in QUEUE_ERRORS},
        "impossible Protoss starts": lambda s: _share(s.protoss_impossible, s.protoss_trained),
        "Zerg egg starts exact": lambda s: _share(s.eggs_exact, s.eggs),
        "  errors (game loops)": lambda s: (
            f"{min(s.egg_errors, default=0):+.1f} .. {max(s.egg_errors, default=0):+.1f}"
        ),
        "structure and warp-in starts exact": lambda s: _share(s.structures_exact, s.structures),
    }
    print(f"{'':36}" + "".join(f"{s.name:>22}" for s in scores))
    for name, cell in lines.items():
        print(f"{name:36}" + "".join(f"{cell(s):>22}" for s in scores))


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none"


if __name__ == "__main__":
    main()
