"""Folding of a home's lake: few files for many replays, the same answers, and no moment of a crash loses a row."""

import shutil
from pathlib import Path

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.lake import FolderLake
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline import folding
from sc2_pipeline.pipeline.verification.verify import verify
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline_tests.pipeline.homes import answers, run_home, write_games

pytestmark = pytest.mark.slow

FEW = 3
"""Replays from which on they are folded here."""


class StoppedError(Exception):
    """What a test raises where a process might have died."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Five replays in two folders, a home that holds the first three in folders of their own, and the answers of all five."""
    folder = tmp_path_factory.mktemp("made")
    write_games(folder / "first", range(3))
    write_games(folder / "second", range(3, 5))
    run_home([folder / "first"], folder / "home")
    shutil.copytree(folder / "home", folder / "all")
    run_home([folder / "first", folder / "second"], folder / "all")
    return folder


@pytest.fixture(scope="module")
def folded_once(made, tmp_path_factory):
    home = shutil.copytree(made / "home", tmp_path_factory.mktemp("folded") / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "FOLDED_REPLAYS", FEW)
        # The files of commands that the published file named go when the next one is published.
        for _ in range(2):
            run_home([made / "first"], home)
    return home


@pytest.fixture
def folded(folded_once, tmp_path, monkeypatch):
    """The home of the first three replays, folded."""
    monkeypatch.setattr(folding, "FOLDED_REPLAYS", FEW)
    return shutil.copytree(folded_once, tmp_path / "folded")


@pytest.fixture
def nothing_is_decoded(monkeypatch):
    def refused(*_, **__):
        raise AssertionError("a replay is decoded again")

    monkeypatch.setattr(TrackerSource, "extract", refused)


def files(home: Path) -> list[str]:
    """Files of the lake: their folders."""
    return sorted(
        path.parent.relative_to(home / "lake").as_posix() for path in home.glob("lake/**/*") if path.is_file()
    )


FOLDED = ["bundles/solved", "bundles/streams", "compact/streams/commands"]


def is_sound(home: Path) -> bool:
    return not verify(Settings(home=home, workers=1)).findings


def withdraw(home: Path, part: str) -> str:
    """Takes back that part of one replay; returns the name of its folder."""
    with Manifest(home / "manifest.sqlite") as manifest:
        folder = next(e.folder for e in manifest.extractions_in_bundles(manifest.bundles()) if e.part == part)
    FolderLake(home / "lake").withdraw(folder)
    return folder


def test_three_files_hold_what_lay_in_a_dozen_files_of_each_replay(made, folded):
    assert files(folded) == FOLDED
    assert answers(folded) == answers(made / "home")
    assert is_sound(folded)


def test_fewer_replays_wait_in_folders_of_their_own_until_they_are_folded_with_the_others(made, folded, monkeypatch):
    run_home([made / "second"], folded)
    assert len(files(folded)) > 20
    assert is_sound(folded)

    monkeypatch.setattr(folding, "FOLDED_REPLAYS", 2)
    for _ in range(2):
        run_home([made / "second"], folded)

    assert len(files(folded)) == 2 * len(FOLDED)
    assert answers(folded) == answers(made / "all")
    monkeypatch.setattr(folding, "FOLDED_REPLAYS", 1)
    run_home([write_games(folded.parent / "third", range(5, 8))], folded)
    assert [place for place in files(folded) if place.startswith("bundles")] == FOLDED[:2]
    assert is_sound(folded)


@pytest.mark.parametrize(("place", "name"), [(folding, "replace_files"), (Manifest, "move_extractions")])
def test_what_ends_while_it_folds_is_put_right_by_the_next_run(made, folded, monkeypatch, place, name):
    """The manifest knows a new part and no view does; a new bundle is there and the manifest does not know it."""

    def stopped(*_, **__):
        raise StoppedError

    monkeypatch.setattr(folding, "FOLDED_REPLAYS", 2)
    with monkeypatch.context() as patch:
        patch.setattr(place, name, stopped)
        with pytest.raises(StoppedError):
            run_home([made / "second"], folded)

    for _ in range(2):
        run_home([made / "first", made / "second"], folded)

    assert len(files(folded)) == 2 * len(FOLDED)
    assert is_sound(folded)
    assert answers(folded) == answers(made / "all")


def test_a_withdrawn_replay_is_extracted_again_and_folded_with_the_others(made, folded, monkeypatch):
    for part in ("streams", "solved"):
        withdraw(folded, part)

    run_home([made / "first"], folded)

    assert "streams/" in " ".join(files(folded))
    monkeypatch.setattr(folding, "FOLDED_REPLAYS", 1)
    run_home([made / "first"], folded)
    assert not any(place.startswith(("streams/", "solved/")) for place in files(folded))
    assert answers(folded) == answers(made / "home")
    assert is_sound(folded)


def test_build_orders_are_solved_again_from_the_rows_in_a_bundle(made, folded, nothing_is_decoded):
    withdraw(folded, "solved")

    run_home([made / "first"], folded)

    assert sum(place.startswith("solved/") for place in files(folded)) > 1
    assert is_sound(folded)
    assert answers(folded) == answers(made / "home")


@pytest.mark.parametrize(
    "lost", [["manifest.sqlite"], ["manifest.sqlite", "build/warehouse.duckdb", "warehouse.duckdb"]]
)
def test_lost_databases_are_made_anew_from_bundles(made, folded, nothing_is_decoded, lost):
    for path in lost:
        (folded / path).unlink()

    verify(Settings(home=folded, workers=1), is_to_repair=True)

    assert answers(folded) == answers(made / "home")
    assert is_sound(folded)


def test_a_manifest_from_before_the_folding_finds_what_was_folded_since(made, folded, nothing_is_decoded):
    shutil.copy(made / "home" / "manifest.sqlite", folded / "manifest.sqlite")

    run_home([made / "first"], folded)

    assert is_sound(folded)
    assert answers(folded) == answers(made / "home")


def turn_over(path):
    """Every bit of a few bytes of what the first files hold."""
    content = bytearray(path.read_bytes())
    content[200:210] = bytes(byte ^ 0xFF for byte in content[200:210])
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [turn_over, lambda path: path.write_bytes(path.read_bytes()[:-100])])
def test_a_damaged_bundle_is_noticed_and_its_replays_are_extracted_again(made, folded, damage):
    damage(*(folded / "lake" / "bundles" / "streams").glob("*.parquet"))
    assert not is_sound(folded)

    verify(Settings(home=folded, workers=1), is_to_repair=True)
    for _ in range(2):
        run_home([made / "first"], folded)

    assert answers(folded) == answers(made / "home")
    assert is_sound(folded)


def test_a_replay_that_filters_leave_out_comes_back_without_being_decoded(made, folded, nothing_is_decoded):
    run_home([made / "first"], folded, filters="msc")
    assert answers(folded)["raw.replays"] == []

    run_home([made / "first"], folded)

    assert answers(folded) == answers(made / "home")
    assert is_sound(folded)
