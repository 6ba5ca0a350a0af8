"""Failed starts of the game by client build: a broken install is given up for the run, and no replay is blamed for it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sc2_pipeline.errors import NOT_STARTED, EngineUnavailableError
from sc2_pipeline.steps.extract import Extracted, Fault


@dataclass(kw_only=True)
class GameStarts:
    """What a run knows of the game's starts. ``limit`` failures in a row pause a build."""

    limit: int
    _failures: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    _has_started: bool = False

    def note(self, base_build: int, outcomes: Iterable[Extracted | Fault]) -> None:
        """Notes how tries with the game of that build ended."""
        for outcome in outcomes:
            if isinstance(outcome, Fault) and outcome.reason == NOT_STARTED:
                self._has_started = False
                self._failures[base_build].append(outcome.detail)
            else:
                self._has_started = True
                self._failures.pop(base_build, None)

    def is_paused(self, base_build: int) -> bool:
        """Whether that build is not to be launched any more in this run."""
        return len(self._failures.get(base_build, ())) >= self.limit

    @property
    def are_doubtful(self) -> bool:
        """Whether the last game failed to start, or none has started yet: few tasks are handed out then."""
        return not self._has_started

    def fault(self) -> EngineUnavailableError | None:
        """The error that names every build whose last start failed, with what the game said; None if there is none."""
        if not self._failures:
            return None
        said = "; ".join(f"base build {build}: {failures[-1]}" for build, failures in sorted(self._failures.items()))
        return EngineUnavailableError(
            f"the game does not start ({said}); no replay is blamed: mend the install (`sc2-pipeline doctor` starts "
            "every build) and run again, or use --source tracker"
        )
