"""Progress and speed of the game in a step: observations of the step's asset, and metadata of its result."""

import time
from collections.abc import Callable, Sequence

import dagster as dg

from sc2_pipeline.pipeline.game_backfill import GameBackfill
from sc2_pipeline.pipeline.loop_progress import LoopProgress
from sc2_pipeline.pipeline.session import Progress
from sc2_pipeline.pipeline.stages import Outcome

SECONDS_BETWEEN_OBSERVATIONS = 10.0
"""Same interval as the progress lines of a run without a terminal."""


class ProgressObserver:
    """Logs a run's progress as asset observations from time to time; runs that play no game are too short and log
    none."""

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
        """Logs an observation if the last one is at least ``SECONDS_BETWEEN_OBSERVATIONS`` old."""
        now = self._now()
        if progress.loops is None or now - self._logged_at < SECONDS_BETWEEN_OBSERVATIONS:
            return
        self._logged_at = now
        self._log(dg.AssetObservation(self._key, metadata=_metadata(progress.done, progress.total, progress.loops)))


def pace_metadata(outcomes: Sequence[Outcome]) -> dict[str, int | float]:
    """Game loops played, and game loops per worker second; empty if no game ran."""
    loops, seconds = sum(o.game_loops for o in outcomes), sum(o.seconds for o in outcomes if o.game_loops)
    return {"game_loops": loops, "game_loops_per_second": round(loops / seconds, 1)} if loops and seconds else {}


def plan_words(chosen: GameBackfill) -> str:
    """The estimate of a backfill with the game, in one line."""
    if chosen.plan is None:
        return "nothing to run through the game"
    run = chosen.plan.runs[-1]
    return (
        f"{chosen.plan.replays:,} replays, {chosen.plan.loops:,} game loops: {run.seconds / 60:,.0f} minutes with"
        f" {run.workers} workers, {chosen.plan.disk_bytes / 1e6:,.0f} MB, by {chosen.plan.pace.known_from}"
    )


def backfill_metadata(chosen: GameBackfill) -> dict[str, int | str | dg.MetadataValue]:
    """Which replays a backfill with the game left as they are, and its estimate."""
    return {
        "replays_observed_before": chosen.observed,
        "replays_without_client": chosen.without_client,
        "replays_unwanted": chosen.unwanted,
        "estimate": plan_words(chosen),
    }


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
