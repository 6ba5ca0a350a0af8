"""The command ``mcp``: a server for assistants over standard input and output."""

from sc2_pipeline.cli.options import HomeOption, home_of
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.extras import install_command, is_installed


def mcp(*, home: HomeOption = None) -> None:
    """Let an assistant ask the warehouse: a Model Context Protocol server on standard input and output, read-only."""
    if not is_installed("mcp"):
        raise SettingsError(f"the server's packages are not installed; add them with {install_command('mcp')}")
    from sc2_pipeline.mcp.server import make_server  # noqa: PLC0415 - the SDK, which `--help` need not wait for

    make_server(home_of(home)).run()
