"""Computes the start of a trained unit from its birth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from sc2_pipeline.build_orders.work import Boost, finish, game_loops_saved, latest_start


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A start and how it is known: see ``steps.BuildStep``."""

    method: str
    game_loop: int | None
    error_game_loops: int | None
    earliest: int | None = None
    latest: int | None = None
    game_loops_saved: int = 0
    is_boosted: bool = False


EXACT_ERROR = 0
DERIVED_ERROR = 1
"""A finish is rounded to a whole game loop; the work before it is not."""

SLACK = 3
"""Maximum game loops between a derived start and the end of the structure's previous work for the two to count as
equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One output of a structure, whose start is wanted."""

    end: int
    """Birth of the unit, or completion."""
    game_loops: float | None
    """Production time; None if unknown."""
    free_since: int
    """From here on the structure was complete and its previous output finished."""
    was_busy: bool
    """Whether it finished something at ``free_since``: the next in its queue then started in that same game loop."""
    boosts: Sequence[Boost] = ()
    """All its speed-ups."""
    chrono: Sequence[Boost] = ()
    """Those of ``boosts`` that are Chrono Boost."""
    fastest_rate: float = 1.0
    """Maximum rate of a speed-up."""
    knows_boosts: bool = True
    """Whether ``boosts`` is complete."""
    was_told_before: bool = True
    """Whether its queue may have held something at ``free_since``; false if commands show that it was empty."""
    can_pause: bool = False
    """Whether it stops without power, for which there is no event."""


def start_of(work: Work, commands: Iterable[int] = ()) -> Start:
    """The start of ``work``; ``commands`` are game loops of commands to its structure since ``free_since``.

    Work that starts in its command's game loop takes exactly its time. Queued work starts in the game loop in which its
    predecessor finishes, and takes one game loop less.
    """
    if work.game_loops is None:
        return _bounded(earliest=work.free_since, latest=work.end)
    if not work.knows_boosts:
        # A queue that seems to fit may be one that was paused and then sped up.
        start = latest_start(work.end, work.game_loops)
        return _bounded(earliest=max(start, work.free_since), latest=_latest(work, work.game_loops))
    commands = list(commands)
    # An ordered boost may have had no effect: work without any boost fits to the game loop.
    for tried in (work, replace(work, boosts=(), chrono=())) if work.chrono else (work,):
        if (commanded := _commanded(tried, work.game_loops, commands)) is not None:
            return _start(tried, "command", commanded, EXACT_ERROR)
    start = latest_start(work.end, work.game_loops, work.boosts)
    if not work.was_told_before and commands and work.free_since + SLACK < start < commands[0] - SLACK:
        # An idle structure starts nothing before its command: an unrecorded speed-up must have occurred.
        return _bounded(earliest=commands[0], latest=max(_latest(work, work.game_loops), commands[0]))
    if start >= work.free_since - SLACK:
        error = max(work.free_since - start, DERIVED_ERROR, _pause(work, start, commands))
        return _start(work, "derived", max(start, work.free_since), error)
    return _bounded(earliest=work.free_since, latest=_latest(work, work.game_loops))


def _pause(work: Work, start: int, commands: Sequence[int]) -> int:
    """How much earlier it may have started if it was paused in between: at its command, or when the structure was
    free."""
    if not work.can_pause or start <= work.free_since + SLACK:
        return 0
    told = commands[0] if commands and commands[0] <= start else work.free_since
    return start - told


def _commanded(work: Work, game_loops: float, commands: Iterable[int]) -> int | None:
    """The start (a turn in the queue, or a command) from which the work ends exactly at ``work.end``; None if there is
    none."""
    if work.was_busy and finish(work.free_since, game_loops - 1, work.boosts) == work.end:
        return work.free_since
    return next((loop for loop in commands if finish(loop, game_loops, work.boosts) == work.end), None)


def _start(work: Work, method: str, start: int, error: int) -> Start:
    saved = game_loops_saved(start, work.end, work.chrono)
    return Start(method=method, game_loop=start, error_game_loops=error, game_loops_saved=saved, is_boosted=saved > 0)


def _latest(work: Work, game_loops: float) -> int:
    """The latest start possible at the fastest known rate; the end itself if even that is too slow."""
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
