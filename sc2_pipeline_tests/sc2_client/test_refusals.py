"""What a game says when it refuses a replay is kept, and called by its kind; a map is missing only where words or files say so."""

import pytest

from sc2_pipeline.errors import REASONS
from sc2_pipeline.sc2_client.installs import Install
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.refusals import refusal

DEPENDENCY, MAP = "7f" * 32 + ".s2ma", "0a" * 32 + ".s2ma"
NO_DEPENDENCIES = "The launch of this game makes reference to mod or map dependencies which are no longer available."
ARCHIVE = "Possible corruption - Failed to open the map archive: Battle.net/Cache/0a/0a/0a.s2ma"
DETAILS = "Could not open details for the replay: ../TempReplayInfo.SC2Replay"


@pytest.fixture
def install(tmp_path):
    """An installation with a cache that holds the map and what it depends on."""
    cache = tmp_path / "Battle.net" / "Cache"
    for name in (DEPENDENCY, MAP):
        place = cache / name[:2] / name[2:4] / name
        place.parent.mkdir(parents=True)
        place.touch()
    return Install(
        folder=tmp_path, executable_name="SC2_x64", builds=(), data_versions=(), map_count=0, cache_folders=(cache,)
    )


def refused(install, name, words, handles=(DEPENDENCY, MAP)):
    replay = PlayableReplay(content=b"", map_name="Acropolis LE", map_handles=handles)
    return refusal(name, words, replay, install, version="base build 1", folder=install.folder / "games" / "map")


KINDS = [
    # With the files here; without one of them.
    ("ParsingError", ARCHIVE, ("map_unreadable", False), ("map_missing", False)),
    ("ParsingError", DETAILS, ("replay_rejected", False), ("map_missing", False)),
    ("LaunchError", NO_DEPENDENCIES, ("map_unreadable", False), ("map_missing", False)),
    ("LaunchError", "out of video memory", ("launch_failed", True), ("launch_failed", True)),
    ("LaunchError", "The version required to play this game is unavailable.", ("version_mismatch", False), ("version_mismatch", False)),
    ("InvalidMapData", "", ("map_unreadable", False), ("map_missing", False)),
    ("DownloadError", "no route to the depot of maps", ("download_failed", True), ("download_failed", True)),
    ("InvalidReplayData", "bad header", ("replay_rejected", False), ("replay_rejected", False)),
    ("MissingOptions", "no interface options", ("replay_rejected", False), ("replay_rejected", False)),
    ("InvalidObservedPlayerId", "", ("replay_rejected", False), ("replay_rejected", False)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "words", "with_files", "without"), KINDS)
@pytest.mark.parametrize("missing", [DEPENDENCY, MAP])
def test_every_kind_is_itself_and_keeps_the_games_words(install, name, words, with_files, without, missing):
    here = refused(install, name, words)
    place = install.cache_folders[0] / missing[:2] / missing[2:4] / missing
    place.unlink()
    gone = refused(install, name, words)

    assert ((here.reason, here.is_retryable), (gone.reason, gone.is_retryable)) == (with_files, without)
    assert {here.reason, gone.reason} <= REASONS.keys()
    for error in (here, gone):
        assert f"the game answers {name}: {words or 'no details'}" in str(error)
    assert str(place) not in str(here)
    assert (str(place) in str(gone)) == (name != "LaunchError" or "version" not in words)


def test_a_map_that_is_here_but_does_not_open_is_another_sentence_than_one_that_is_not_here(install):
    here = refused(install, "InvalidMapData", "")
    (install.cache_folders[0] / MAP[:2] / MAP[2:4] / MAP).unlink()
    gone = refused(install, "InvalidMapData", "")

    assert "Acropolis LE is here, but the game cannot open it" in str(here)
    assert "is not here" in str(gone)


def test_a_folder_called_map_says_nothing_of_maps(install):
    words = f"Could not open details for the replay: {install.folder}/games/map/TempReplayInfo.SC2Replay"

    assert refused(install, "ParsingError", words).reason == "replay_rejected"


@pytest.mark.parametrize(("words", "reason"), [(ARCHIVE, "map_missing"), (DETAILS, "replay_rejected")])
def test_of_a_replay_that_lists_no_files_only_the_words_tell(install, words, reason):
    assert refused(install, "ParsingError", words, handles=()).reason == reason
