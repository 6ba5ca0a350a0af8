"""Which tests are quick: those that start no process, UI or game and neither run into a home nor build a warehouse."""

from pathlib import PurePosixPath

import pytest

LONG_PLACES = frozenset(
    {
        # Processes, servers, browsers, games.
        "app",
        "cli/test_probe.py",
        "deploy",
        "durability",
        "hostile",
        "lake",
        "orchestration",
        "sc2_client",
        "signals",
        "stand_in",
        "test_requirements.py",
        "test_workers.py",
        # Runs into whole homes.
        "browsing/test_real_games.py",
        "cli/test_replay_actions.py",
        "cli/test_stats_and_frames.py",
        "cli/test_demo.py",
        "cli/test_looking.py",
        "cli/test_names_of_homes.py",
        "cli/test_run.py",
        "cli/test_status.py",
        "cli/test_widths.py",
        "export",
        "packs/test_runs.py",
        "pipeline",
        "public",
        "report",
        "training",
        # Warehouses with models, half a second and more each.
        "browsing/test_advice.py",
        "browsing/test_scripted.py",
        "cli/test_tables.py",
        "test_data_dictionary.py",
        "marts",
        "questions/test_engine_answers.py",
        "questions/test_engine_numbers.py",
        "questions/test_numbers.py",
        "questions/test_odd_warehouses.py",
        "warehouse/test_merge.py",
        "warehouse/test_parquet_views.py",
        "warehouse/test_models.py",
        "warehouse/test_alternating.py",
        "warehouse/test_publish.py",
        "warehouse/test_refill.py",
        "warehouse/test_batch_file.py",
        "warehouse/test_declared.py",
        "warehouse/test_generation.py",
        # Every protocol of s2protocol is imported.
        "replay_format/test_protocols.py",
    }
)
"""Folders and files none of whose tests are quick; they are not imported with ``-m quick``."""

LONG_FIXTURES = frozenset({"loaded_home", "shared", "stand_in_source", "synthetic_folder"})
"""Whoever asks for these, itself or through another fixture, is not quick."""


def is_quick_place(path: PurePosixPath) -> bool:
    """Whether a folder or file may hold quick tests; the path is that inside ``sc2_pipeline_tests``."""
    return not any(place.as_posix() in LONG_PLACES for place in (path, *path.parents))


def is_quick(item: pytest.Item) -> bool:
    """Whether a test is quick: neither its mark, its place nor its fixtures say otherwise."""
    folder = item.config.rootpath / "sc2_pipeline_tests"
    return (
        item.get_closest_marker("slow") is None
        and is_quick_place(PurePosixPath(item.path.relative_to(folder).as_posix()))
        and LONG_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
    )
