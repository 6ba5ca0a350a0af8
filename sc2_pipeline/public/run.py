"""The main job from Python."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sc2_pipeline import pipeline
from sc2_pipeline.config import read_settings
from sc2_pipeline.pipeline import RunReport


def run(paths: str | Path | Sequence[str | Path], *, home: str | Path | None = None, **settings: Any) -> RunReport:
    """Takes replay files and folders to a home's published warehouse, as the command ``run`` does.

    ``settings`` are those of docs/settings.md, by name. Raises SettingsError for one that does not fit, and what
    :func:`sc2_pipeline.pipeline.run` raises.
    """
    given = [paths] if isinstance(paths, str | Path) else paths
    return pipeline.run([Path(path) for path in given], read_settings({"home": home, **settings}))
