"""The recorded messages of a real engine, where they are at hand."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def recordings(shared: Path) -> Path:
    """Folder of recorded engine messages."""
    return shared / "engine_recordings"
