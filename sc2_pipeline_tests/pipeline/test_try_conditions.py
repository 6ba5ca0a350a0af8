"""What gives replays that were set aside a new count: every limit of the game, what probe found, and the install."""

from types import SimpleNamespace

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline.try_conditions import try_conditions
from sc2_pipeline.sc2_client.traits import ASSUMED, GameTraits
from sc2_pipeline.sources.choose import SourceSpec


def conditions(*, traits: GameTraits = ASSUMED, install: str = "as it was", **limits: int) -> dict[str, object]:
    settings = Settings(source="sc2", **limits)
    session = SimpleNamespace(settings=settings, installs=SimpleNamespace(marks=lambda: install))
    return try_conditions(session, SourceSpec(name="sc2", settings=settings, traits=traits))


@pytest.mark.parametrize(
    "change",
    [
        {"boot_timeout_seconds": 999},
        {"start_timeout_seconds": 999},
        {"request_timeout_seconds": 999},
        {"memory_ceiling_mb": 9_999},
        {"restart_every": 7},
        {"pipeline_depth": 3},
        {"worker_memory_mb": 9_999},
        {"replay_processor_seconds": 999},
        {"replay_memory_mb": 9_999},
        {"traits": GameTraits(accepts_pipelining=False)},
        {"install": "mended"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_limit_the_probe_and_the_install_are_conditions_of_a_try(change):
    assert conditions(**change) != conditions()


@pytest.mark.parametrize("change", [{"workers": 3}, {"launch_gap_seconds": 9}])
def test_what_no_try_depends_on_is_none(change):
    assert conditions(**change) == conditions()
