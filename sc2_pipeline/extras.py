"""Optional dependencies, by the extra that installs them."""

from collections.abc import Mapping
from importlib.util import find_spec

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "game": ("pysc2", "ptars", "google", "websocket", "absl"),
    "dagster": ("dagster", "dagster_webserver", "sqlalchemy"),
    "workers": ("distributed", "dask", "cryptography"),
    "app": ("fastapi", "uvicorn", "vl_convert"),
    "mcp": ("mcp", "mcp_types"),
    "demo": ("sc2_pipeline_demo",),
}
"""Extra -> the modules of it that our code imports. Drivers of a lake name their own package."""


def is_installed(extra: str) -> bool:
    """Whether the modules of an extra are installed."""
    return all(find_spec(name) is not None for name in EXTRAS[extra])


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """Error message for a module that is missing because its extra is; None if no extra provides it."""
    module = (error.name or "").partition(".")[0]
    extra = next((name for name, modules in EXTRAS.items() if module in modules), None)
    if extra is None:
        return None
    return f"{module} is not installed, which this needs; add it with {install_command(extra)}"


def install_command(extra: str) -> str:
    """The command that installs an extra."""
    return f"`pip install 'sc2-pipeline[{extra}]'`"
