"""What decides whether a try succeeds and shapes no rows: where it changes, replays that were set aside are tried again."""

from dataclasses import asdict

from sc2_pipeline.pipeline.session import Session
from sc2_pipeline.sources.base import Shape
from sc2_pipeline.sources.choose import SourceSpec

_LIMITS = ("worker_memory_mb", "replay_processor_seconds", "replay_memory_mb")
_LIMITS_OF_GAME = (
    "boot_timeout_seconds",
    "start_timeout_seconds",
    "request_timeout_seconds",
    "memory_ceiling_mb",
    "restart_every",
    "pipeline_depth",
)


def try_conditions(session: Session, spec: SourceSpec) -> Shape:
    """Limits by setting; for the game also what ``probe`` found and the marks of the install."""
    limits: Shape = {name: getattr(session.settings, name) for name in _LIMITS}
    if spec.name == "tracker":
        return limits
    of_game = {name: getattr(session.settings, name) for name in _LIMITS_OF_GAME}
    # A trait may have the name of a limit: both count.
    probed = {f"probed_{name}": value for name, value in asdict(spec.traits).items()}
    return {**limits, **of_game, **probed, "install": session.installs.marks()}
