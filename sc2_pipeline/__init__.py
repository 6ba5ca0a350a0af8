"""StarCraft II replays in a DuckDB warehouse.

``read_replay`` reads one file, ``run`` processes many into a home, ``open_home`` queries it; docs/python.md shows each.
Their dependencies are imported on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sc2_pipeline.public.home import OpenHome, open_home
    from sc2_pipeline.public.replay import Replay, read_replay
    from sc2_pipeline.public.rows import Rows
    from sc2_pipeline.public.run import run

__version__ = "0.1.0"

_MODULES = {
    "OpenHome": "home",
    "Replay": "replay",
    "Rows": "rows",
    "open_home": "home",
    "read_replay": "replay",
    "run": "run",
}

__all__ = ["OpenHome", "Replay", "Rows", "__version__", "open_home", "read_replay", "run"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.public.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
