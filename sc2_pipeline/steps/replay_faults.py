"""The border of one replay's work: whatever it raises there, expected or not, is that replay's outcome."""

import logging
import traceback
from dataclasses import dataclass

from sc2_pipeline.errors import EngineError, MachineError, ReplayError
from sc2_pipeline.machine_faults import way_out
from sc2_pipeline.stopping import raise_if_told
from sc2_pipeline.storable import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFault:
    """Why nothing became of a replay; ``reason`` is a key of ``errors.REASONS``."""

    reason: str
    detail: str
    is_retryable: bool = False


def replay_fault(replay_id: str, error: Exception) -> ReplayFault:
    """What ``error``, raised while one replay was worked on, makes of it; raises what the machine is at fault for, and a stop.

    A module that is missing is the installation's fault, not the replay's.
    What nobody foresaw is a bug of ours that this replay's bytes bring out: it is logged with its traceback.
    """
    raise_if_told(error)
    if isinstance(error, MachineError | ImportError) or way_out(error) is not None:
        raise error
    if isinstance(error, ReplayError):
        is_retryable = isinstance(error, EngineError) and error.is_retryable
        return ReplayFault(reason=error.reason, detail=error.detail, is_retryable=is_retryable)
    log_bug(replay_id, error)
    detail = storable(f"{type(error).__name__}: {error}; please report it with this replay")
    # A file that was refused, or memory that was short, may be there next time.
    return ReplayFault(reason="internal_error", detail=detail, is_retryable=isinstance(error, OSError | MemoryError))


def log_bug(replay_id: str, error: Exception) -> None:
    """Logs the traceback of what nobody foresaw, in text that every log takes: an error may quote half a surrogate pair."""
    told = storable("".join(traceback.format_exception(error)))
    logging.getLogger(__name__).error("replay %s brought out a bug\n%s", replay_id, told)
