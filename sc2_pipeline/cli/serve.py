"""The command ``serve``: the web app over a home's published warehouse."""

import ipaddress
import os
import secrets
import webbrowser
from typing import Annotated

import typer

from sc2_pipeline.cli.options import HomeOption, home_of
from sc2_pipeline.cli.terminal import out, print_lines
from sc2_pipeline.cli.ui import refuse_taken_port
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.extras import install_command, is_installed
from sc2_pipeline.stopping import stop_exit_code
from sc2_pipeline.web_guard import Access, read_hosts, read_token


def serve(
    *,
    home: HomeOption = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at.")] = 8022,
    interface: Annotated[
        str, typer.Option(help="Address to listen at. Any but a loopback address requires the printed token.")
    ] = "127.0.0.1",
    token: Annotated[
        bool, typer.Option("--token", help="Require the token in the printed address on 127.0.0.1 too.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Update open pages when games are published.")] = False,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the app in a browser.")] = False,
) -> None:
    """Look at games in a browser: lists, one game, playback, questions, SQL. Local, read-only, offline."""
    if not is_installed("app"):
        raise SettingsError(f"the app's server is not installed; add it with {install_command('app')}")
    from sc2_pipeline.app.server import make_app, serve  # noqa: PLC0415 - FastAPI, which `--help` need not wait for

    access = _access(interface, asks_token=token)
    refuse_taken_port(port, interface)
    app = make_app(home_of(home), is_live=watch)
    address = f"http://{_in_address(interface)}:{port}/" + (f"?token={access.token}" if access.token else "")
    print_lines(out(), [f"the app is at {address} (Ctrl-C ends it)"])
    if open_browser:
        webbrowser.open(address)
    serve(app, access, interface=interface, port=port)
    raise typer.Exit(stop_exit_code())


def _access(interface: str, *, asks_token: bool) -> Access:
    """Who is answered; raises SettingsError for an interface that is no address of a network."""
    try:
        address = ipaddress.ip_address(interface)
    except ValueError as error:
        raise SettingsError(f"--interface is {interface}; give an address such as 127.0.0.1 or 0.0.0.0") from error
    named = frozenset() if address.is_loopback or address.is_unspecified else frozenset({_in_address(interface)})
    needs_token = asks_token or not address.is_loopback
    return Access(
        token=(read_token(os.environ) or secrets.token_urlsafe(32)) if needs_token else None,
        hosts=read_hosts(os.environ) | named,
    )


def _in_address(interface: str) -> str:
    return f"[{interface}]" if ":" in interface else interface
