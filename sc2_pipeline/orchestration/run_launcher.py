"""Runs as processes of the code location, as by Dagster's default, and whether such a process still lives."""

import psutil
from dagster import DagsterEventType, DagsterRun
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import ConfigurableClassData, deserialize_value


class WatchedRunLauncher(DefaultRunLauncher):
    """Tells Dagster's run monitoring which runs are gone.

    The default launcher cannot: a run whose code location was killed or whose machine lost its power stays "started" for
    ever, and keeps its place in its pool, so that nothing is loaded any more. With this one the run is marked failed at the
    second look in a row that does not find it (``poll_interval_seconds``), and ``run_retries`` of dagster.yaml start it again.
    By then the daemon itself has noticed that the code location is back: a retry that it cannot start it never tries again.
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self._missed: set[str] = set()

    @property
    def supports_check_run_worker_health(self) -> bool:
        """So that run monitoring asks."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """``FAILED`` where nothing executes the run any more; in doubt ``RUNNING``: a run that lives is never marked."""
        client: DagsterGrpcClient | None = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]
        lives = client is None or self._lives(run.run_id, client)
        missed_before = run.run_id in self._missed
        if lives:
            self._missed.discard(run.run_id)
        else:
            self._missed.add(run.run_id)
        if lives or not missed_before:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, "the code location that executed it was killed or restarted")

    def _lives(self, run_id: str, client: DagsterGrpcClient) -> bool:
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run_id))
        except DagsterUserCodeUnreachableError:
            # Another host may be starting again, or out of reach for a moment. A socket is of this machine.
            return client.socket is None or self._process_lives(run_id)
        return bool(deserialize_value(answer, CanCancelExecutionResult).can_cancel)

    def _process_lives(self, run_id: str) -> bool:
        """By the process that the run's log names first. A later process may have the same number, but not the same age."""
        for event in self._instance.all_logs(run_id, of_type=DagsterEventType.ENGINE_EVENT):
            pid = event.get_dagster_event().engine_event_data.metadata.get("pid")
            if pid is not None:
                try:
                    return bool(psutil.Process(int(str(pid.value))).create_time() <= event.timestamp)
                except psutil.NoSuchProcess:
                    return False
                except psutil.AccessDenied:
                    return True
        return True
