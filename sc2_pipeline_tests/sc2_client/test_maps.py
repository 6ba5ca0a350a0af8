"""A replay's map is found where players keep maps, and never outside."""

import pytest

from sc2_pipeline.errors import EngineError
from sc2_pipeline.sc2_client.installs import Install
from sc2_pipeline.sc2_client.maps import STANDARD_DATA, PlayableReplay, map_data, missing_files


@pytest.fixture
def here(tmp_path):
    (tmp_path / "Maps" / "Ladder").mkdir(parents=True)
    (tmp_path / "Battle.net" / "Cache").mkdir(parents=True)
    (tmp_path / "Maps" / "Ladder" / "AcropolisLE.SC2Map").write_bytes(b"acropolis")
    (tmp_path / "secret.SC2Map").write_bytes(b"secret")
    return Install(
        folder=tmp_path,
        executable_name="SC2_x64",
        builds=(),
        data_versions=(),
        map_count=1,
        cache_folders=(tmp_path / "Battle.net" / "Cache",),
    )


@pytest.mark.parametrize(
    "path",
    [
        "Ladder/AcropolisLE.SC2Map",
        "Ladder\\AcropolisLE.SC2Map",
        "Maps/Ladder/AcropolisLE.SC2Map",
        "AcropolisLE.SC2Map",
        "Other/acropolisle.sc2map",
        "C:\\Users\\someone\\Maps\\AcropolisLE.SC2Map",
    ],
)
def test_a_local_map_is_found_however_its_path_is_written(here, path):
    assert map_data(path, here) == b"acropolis"


def test_a_replay_without_a_local_map_needs_none(here):
    assert map_data("", here) is None


def test_a_map_that_lies_where_the_replay_says_is_left_to_the_game(here, tmp_path):
    assert map_data(str(tmp_path / "secret.SC2Map"), here) is None


@pytest.mark.parametrize("path", ["../secret.SC2Map", "..\\secret.SC2Map", "/etc/passwd", "Ladder/../../secret.SC2Map"])
def test_a_path_never_leaves_the_maps(here, path):
    with pytest.raises(EngineError) as caught:
        map_data(path, here)

    assert (caught.value.reason, caught.value.is_retryable) == ("map_missing", False)
    assert str(here.maps_folder) in str(caught.value)


def test_only_files_that_no_cache_has_are_missing(here):
    present, absent = "ab" * 32 + ".s2ma", "CD" * 32 + ".s2ma"
    place = here.cache_folders[0] / "ab" / "ab" / present
    place.parent.mkdir(parents=True)
    place.touch()

    assert missing_files(PlayableReplay(content=b"", map_handles=(present,)), here) == []
    assert missing_files(PlayableReplay(content=b"", map_handles=(absent,)), here) == [
        here.cache_folders[0] / "cd" / "cd" / absent.lower()
    ]


def test_standard_data_is_in_every_client_and_is_not_looked_for(here):
    dependency = "7f" * 32 + ".s2ma"

    missing = missing_files(PlayableReplay(content=b"", map_handles=(*STANDARD_DATA, dependency)), here)

    assert missing == [here.cache_folders[0] / "7f" / "7f" / dependency]
