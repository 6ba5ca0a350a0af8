"""Error boundary around one replay: any error inside, expected or not, becomes that replay's outcome."""

import logging
import traceback
from dataclasses import dataclass

from sc2_pipeline.errors import EngineError, MachineError, ReplayError
from sc2_pipeline.machine_faults import way_out
from sc2_pipeline.stopping import raise_if_told
from sc2_pipeline.storable import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFault:
    """Why a replay failed; ``reason`` is a key of ``errors.REASONS``. ``folder`` names what the game left to look at."""

    reason: str
    detail: str
    is_retryable: bool = False
    folder: str | None = None


def replay_fault(replay_id: str, error: Exception) -> ReplayFault:
    """The fault of a replay whose processing raised ``error``; reraises machine faults and requests to stop.

    Also reraises a missing module, which is the installation's fault. An unexpected error is a bug of ours that this
    replay triggers: it is logged with its traceback.
    """
    raise_if_told(error)
    if isinstance(error, MachineError | ImportError) or way_out(error) is not None:
        raise error
    if isinstance(error, ReplayError):
        is_retryable = isinstance(error, EngineError) and error.is_retryable
        folder = error.folder if isinstance(error, EngineError) else None
        return ReplayFault(reason=error.reason, detail=error.detail, is_retryable=is_retryable, folder=folder)
    log_bug(replay_id, error)
    detail = storable(f"{type(error).__name__}: {error}; please report it with this replay")
    # A file that was refused or a lack of memory may be gone next time.
    return ReplayFault(reason="internal_error", detail=detail, is_retryable=isinstance(error, OSError | MemoryError))


def log_bug(replay_id: str, error: Exception) -> None:
    """Logs the traceback of an unexpected error, in text safe for every log: an error may quote half a surrogate
    pair."""
    told = storable("".join(traceback.format_exception(error)))
    logging.getLogger(__name__).error("replay %s brought out a bug\n%s", replay_id, told)
