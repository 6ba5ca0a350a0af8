"""Makes the client's fixtures available to the stand-in's tests."""

from sc2_pipeline_tests.sc2_client.conftest import (
    instance,
    keeper,
    misbehave,
    sample,
    sc2path,
    settings,
    short_game,
    tiny_game,
)

__all__ = ["instance", "keeper", "misbehave", "sample", "sc2path", "settings", "short_game", "tiny_game"]
