"""When units were begun that a structure made: from birth back to start."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from sc2_pipeline.build_orders.work import Boost, finish, game_loops_saved, latest_start


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """When something was begun, and how that is known: see ``steps.BuildStep``."""

    method: str
    game_loop: int | None
    error_game_loops: int | None
    earliest: int | None = None
    latest: int | None = None
    game_loops_saved: int = 0
    is_boosted: bool = False


EXACT_ERROR = 0
DERIVED_ERROR = 1
"""A finish falls on a whole game loop; the work before it need not."""

SLACK = 3
"""Loops by which a derived start may miss the moment its structure came free and still be taken to be that moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A structure's output that is to be dated."""

    end: int
    """Birth of the unit, or completion."""
    game_loops: float | None
    """Time it takes; None where nobody knows."""
    free_since: int
    """The structure stood, and had finished what it made before."""
    was_busy: bool
    """It finished something at ``free_since``: what waited in its queue then began in that same game loop."""
    boosts: Sequence[Boost] = ()
    """All that made it work faster."""
    chrono: Sequence[Boost] = ()
    """The part of it that is Chrono Boost."""
    fastest_rate: float = 1.0
    """The most that a speed-up can do."""
    knows_boosts: bool = True
    """``boosts`` are all there were."""
    was_told_before: bool = True
    """Something may have waited in its queue at ``free_since``; false where commands tell that nothing did."""
    can_pause: bool = False
    """Without power it stops, of which no event tells."""


def start_of(work: Work, commands: Iterable[int] = ()) -> Start:
    """The start of ``work``; ``commands`` are game loops of commands to its structure since ``free_since``.

    What is begun in the game loop of its command ends after exactly its time. What waited in a queue begins in the game
    loop in which its predecessor leaves, and is done one sooner.
    """
    if work.game_loops is None:
        return _bounded(earliest=work.free_since, latest=work.end)
    if not work.knows_boosts:
        # A queue that seems to fit may be one that was sped up after a pause.
        start = latest_start(work.end, work.game_loops)
        return _bounded(earliest=max(start, work.free_since), latest=_latest(work, work.game_loops))
    commands = list(commands)
    # A boost that was ordered may have come to nothing: to the game loop, work without any says so.
    for tried in (work, replace(work, boosts=(), chrono=())) if work.chrono else (work,):
        if (commanded := _commanded(tried, work.game_loops, commands)) is not None:
            return _start(tried, "command", commanded, EXACT_ERROR)
    start = latest_start(work.end, work.game_loops, work.boosts)
    if not work.was_told_before and commands and work.free_since + SLACK < start < commands[0] - SLACK:
        # Idle, it began nothing before it was told to: something sped it up of which the record says nothing.
        return _bounded(earliest=commands[0], latest=max(_latest(work, work.game_loops), commands[0]))
    if start >= work.free_since - SLACK:
        error = max(work.free_since - start, DERIVED_ERROR, _pause(work, start, commands))
        return _start(work, "derived", max(start, work.free_since), error)
    return _bounded(earliest=work.free_since, latest=_latest(work, work.game_loops))


def _pause(work: Work, start: int, commands: Sequence[int]) -> int:
    """How much sooner it may have begun where it may have stopped in between: when it was told to, or came free."""
    if not work.can_pause or start <= work.free_since + SLACK:
        return 0
    told = commands[0] if commands and commands[0] <= start else work.free_since
    return start - told


def _commanded(work: Work, game_loops: float, commands: Iterable[int]) -> int | None:
    """The moment from which the work, as long as it takes, ends when it did: its turn in the queue, or a command."""
    if work.was_busy and finish(work.free_since, game_loops - 1, work.boosts) == work.end:
        return work.free_since
    return next((loop for loop in commands if finish(loop, game_loops, work.boosts) == work.end), None)


def _start(work: Work, method: str, start: int, error: int) -> Start:
    saved = game_loops_saved(start, work.end, work.chrono)
    return Start(method=method, game_loop=start, error_game_loops=error, game_loops_saved=saved, is_boosted=saved > 0)


def _latest(work: Work, game_loops: float) -> int:
    """The last start that the fastest work known could have made good; the end itself where even that is too slow."""
    begins_at_once = 1 if work.was_busy else 0
    latest = work.end - ceil((game_loops - begins_at_once) / work.fastest_rate)
    return latest if latest >= work.free_since else work.end


def _bounded(*, earliest: int, latest: int) -> Start:
    latest = max(earliest, latest)
    return Start(
        method="bounded",
        game_loop=earliest,
        error_game_loops=latest - earliest,
        earliest=earliest,
        latest=latest,
    )
