"""Progress of the game as text."""

from typing import TYPE_CHECKING

from sc2_pipeline.cli.terminal import shown
from sc2_pipeline.game import clock

if TYPE_CHECKING:
    from sc2_pipeline.pipeline.loop_progress import LoopProgress


def loop_words(loops: "LoopProgress") -> list[str]:
    """One line on all game loops, then one line per worker."""
    words = [f"{loops.loops_done:,} of {loops.loops_wanted:,} game loops"]
    if loops.seconds_left is not None:
        words += [f"{loops.loops_per_second:,.0f} loops/s", f"about {clock(loops.seconds_left)} left"]
    workers = [
        f"{note.worker}: {shown(note.file_name)}, {note.doing}"
        + (f", game loop {note.game_loop:,}" if note.game_loop else "")
        for note in loops.workers
    ]
    return [", ".join(words), *workers]
