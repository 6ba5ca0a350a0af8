"""The pipeline as a Python function."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sc2_pipeline import pipeline
from sc2_pipeline.config import read_settings
from sc2_pipeline.pipeline import RunReport


def run(paths: str | Path | Sequence[str | Path], *, home: str | Path | None = None, **settings: Any) -> RunReport:
    """Processes replay files and folders into a home's published warehouse, like the command ``run``.

    ``settings`` are those of docs/settings.md, by name. Raises SettingsError for an invalid one, and the errors of
    :func:`sc2_pipeline.pipeline.run`.
    """
    given = [paths] if isinstance(paths, str | Path) else paths
    return pipeline.run([Path(path) for path in given], read_settings({"home": home, **settings}))
