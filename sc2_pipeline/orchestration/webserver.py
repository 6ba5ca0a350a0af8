"""Dagster's webserver behind :mod:`sc2_pipeline.web_guard`: ``python -m sc2_pipeline.orchestration.webserver``.

Does what ``dagster-webserver`` does, minus options not needed here, plus the guard.
"""

import argparse
import os

import dagster as dg
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._utils.interrupts import setup_interrupt_handlers
from dagster._utils.log import configure_loggers
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.version import __version__

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.web_guard import TOKEN, Access, Guard, read_hosts, read_token

_STATEMENT_TIMEOUT_MS = 15_000
_RECYCLE_SECONDS = 3_600
_CONNECTIONS_BEYOND_THE_POOL = 20
_POLL_MS = 2_000
"""This and the three above are the defaults of ``dagster-webserver``."""

_SECONDS_FOR_OPEN_REQUESTS = 5


def main() -> None:
    """Serves until interrupted; exits with code 2 if the environment does not set who may connect."""
    parser = argparse.ArgumentParser(description="Dagster's webserver, for those who know its token.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--workspace", required=True, help="workspace.yaml")
    parser.add_argument("--no-token", action="store_true", help=f"answer whoever reaches the port; else {TOKEN} is set")
    arguments = parser.parse_args()
    try:
        access = _access(needs_token=not arguments.no_token)
    except SettingsError as error:
        parser.error(str(error))
    _serve(arguments, access)


def _access(*, needs_token: bool) -> Access:
    token = read_token(os.environ) if needs_token else None
    if needs_token and token is None:
        raise SettingsError(f"{TOKEN} is not set; set it to a secret that users are told, or give --no-token")
    return Access(
        token=token,
        hosts=read_hosts(os.environ),
        without_token=frozenset({"/server_info"}),
        without_query=frozenset({"/graphql"}),
    )


def _serve(arguments: argparse.Namespace, access: Access) -> None:
    setup_interrupt_handlers()
    configure_loggers()
    with (
        dg.DagsterInstance.get() as instance,
        WorkspaceProcessContext(
            instance, version=__version__, workspace_load_target=WorkspaceFileTarget([arguments.workspace])
        ) as workspace,
    ):
        instance.optimize_for_webserver(_STATEMENT_TIMEOUT_MS, _RECYCLE_SECONDS, _CONNECTIONS_BEYOND_THE_POOL)
        app = create_app_from_workspace_process_context(workspace, live_data_poll_rate=_POLL_MS)
        uvicorn.run(
            Guard(app, access),
            host=arguments.host,
            port=arguments.port,
            log_level="warning",
            timeout_graceful_shutdown=_SECONDS_FOR_OPEN_REQUESTS,
        )


if __name__ == "__main__":
    main()
