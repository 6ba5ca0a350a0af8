"""Recorded messages of a real engine, if available."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def recordings(shared: Path) -> Path:
    """Folder of recorded engine messages."""
    return shared / "engine_recordings"
