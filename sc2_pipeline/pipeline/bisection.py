"""Bisection of a batch that fails to load, so that only the replays at fault are left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from sc2_pipeline.errors import ContractError, HomeError, LakeError, MachineError, ModelRowsError
from sc2_pipeline.machine_faults import is_beyond_memory, way_out
from sc2_pipeline.manifest import Verdict
from sc2_pipeline.steps.replay_faults import log_bug
from sc2_pipeline.stopping import is_told_to_stop
from sc2_pipeline.storable import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadFault:
    """Why one replay cannot be loaded; ``reason`` is a key of ``errors.REASONS``, ``stage`` the step that failed."""

    stage: str
    reason: str
    detail: str


def fault_verdicts(faults: Mapping[str, LoadFault]) -> Iterator[Verdict]:
    """Verdicts that record the faults in the manifest."""
    for replay_id, fault in faults.items():
        yield Verdict(replay_id=replay_id, status="failed", stage=fault.stage, reason=fault.reason, detail=fault.detail)


def load_apart(load: Callable[[Sequence[str]], None], replay_ids: Sequence[str]) -> dict[str, LoadFault]:
    """Calls ``load`` with all replays and, if it raises, with halves of them; returns the faults of single replays by
    id.

    Reraises faults of the machine (but what only needs too much memory is tried in halves), home or lake, interrupts, and
    any error that ``load`` also raises for an empty list: in that case no replay is to blame.
    """
    waiting = [tuple(replay_ids)]
    faults: dict[str, LoadFault] = {}
    is_probed = False
    while waiting:
        part = waiting.pop()
        try:
            load(part)
        except Exception as error:
            if _is_no_replays(error) and not (is_beyond_memory(error) and len(part) > 1):
                raise
            if not is_probed:
                load(())
                is_probed = True
            if len(part) == 1:
                faults[part[0]] = _fault(part[0], error)
            else:
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]
    return faults


def _is_no_replays(error: Exception) -> bool:
    return is_told_to_stop() or isinstance(error, MachineError | HomeError | LakeError) or way_out(error) is not None


def _fault(replay_id: str, error: Exception) -> LoadFault:
    said = storable(" ".join(str(error).split()))
    if isinstance(error, ModelRowsError | duckdb.DataError | duckdb.IntegrityError):
        return LoadFault(stage="marts", reason="contract_broken", detail=said)
    if isinstance(error, ContractError):
        return LoadFault(stage="check", reason="schema_broken", detail=said)
    log_bug(replay_id, error)
    detail = f"{type(error).__name__}: {said}; please report it with this replay"
    return LoadFault(stage="load", reason="internal_error", detail=detail)
