"""How far and how fast the game is with a step's replays: observations of the step's asset, numbers of its result."""

import time
from collections.abc import Callable, Sequence

import dagster as dg

from sc2_pipeline.pipeline.loop_progress import LoopProgress
from sc2_pipeline.pipeline.session import Progress
from sc2_pipeline.pipeline.stages import Outcome

SECONDS_BETWEEN_OBSERVATIONS = 10.0
"""As often as a run without a terminal says so in a line."""


class ProgressObserver:
    """Hears how far a run is and logs it now and then; the runs of the tracker are over too soon to tell of."""

    def __init__(
        self,
        key: dg.AssetKey,
        log: Callable[[dg.AssetObservation], None],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = key
        self._log = log
        self._now = now
        self._logged_at = now()

    def __call__(self, progress: Progress) -> None:
        """Logs an observation where the last is long enough ago."""
        now = self._now()
        if progress.loops is None or now - self._logged_at < SECONDS_BETWEEN_OBSERVATIONS:
            return
        self._logged_at = now
        self._log(dg.AssetObservation(self._key, metadata=_metadata(progress.done, progress.total, progress.loops)))


def pace_metadata(outcomes: Sequence[Outcome]) -> dict[str, int | float]:
    """Game loops, and how many of them one worker ran a second; nothing where the game ran none."""
    loops, seconds = sum(o.game_loops for o in outcomes), sum(o.seconds for o in outcomes if o.game_loops)
    return {"game_loops": loops, "game_loops_per_second": round(loops / seconds, 1)} if loops and seconds else {}


def _metadata(done: int, total: int, loops: LoopProgress) -> dict[str, int | float | dg.MetadataValue]:
    left = loops.seconds_left
    at_work = [
        {"worker": n.worker, "file": n.file_name, "doing": n.doing, "game_loop": n.game_loop} for n in loops.workers
    ]
    said: dict[str, int | float | dg.MetadataValue] = {
        "replays_done": done,
        "replays": total,
        "game_loops_done": loops.loops_done,
        "game_loops": loops.loops_wanted,
        "game_loops_per_second": round(loops.loops_per_second, 1),
        "workers": dg.MetadataValue.json(at_work),
    }
    return said if left is None else said | {"seconds_left": round(left)}
