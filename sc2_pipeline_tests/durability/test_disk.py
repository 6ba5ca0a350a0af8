import pytest

from sc2_pipeline_tests.durability.disk import NO_CUT, Disk, power_cuts
from sc2_pipeline_tests.durability.programs import Operation

BYTES_LOST, ALL_LOST, NAMES_LOST, TORN = power_cuts(1).values()


def done(kind, path, other="", data=b"", at=0):
    return Operation(point=0, within=0, kind=kind, path=path, other=other, at=at, data=data)


@pytest.fixture
def disk(tmp_path):
    """A disk on which file ``a`` holds ``old``."""
    (tmp_path / "a").write_bytes(b"old")
    return Disk(tmp_path)


def test_a_file_renamed_before_it_is_synced_may_be_left_empty(disk):
    disk.replay([done("create", "b"), done("write", "b", data=b"new"), done("rename", "b", "a")])

    assert disk.left(BYTES_LOST) == {"a": b""}
    assert disk.left(ALL_LOST) == {"a": b"old"}
    assert disk.left(NO_CUT) == {"a": b"new"}


def test_a_file_synced_and_renamed_is_old_or_new_until_its_folder_is_synced(disk):
    disk.replay([done("create", "b"), done("write", "b", data=b"new"), done("sync", "b"), done("rename", "b", "a")])
    left = [disk.left(kind) for kind in (BYTES_LOST, ALL_LOST, NAMES_LOST)]

    disk.replay([done("sync", "")])

    assert left == [{"a": b"new"}, {"a": b"old"}, {"a": b"old"}]
    assert [disk.left(kind) for kind in (BYTES_LOST, ALL_LOST, NAMES_LOST, TORN)] == [{"a": b"new"}] * 4


def test_of_writes_that_were_not_synced_any_may_be_there(disk):
    disk.replay([done("write", "a", data=b"x", at=at) for at in range(3, 103)])

    content = disk.left(TORN)["a"]

    assert content.startswith(b"old")
    assert 0 < content.count(b"x") < 100


def test_a_folder_that_was_not_synced_is_left_without_its_files(disk):
    disk.replay([done("mkdir", "lake"), done("create", "lake/x"), done("sync", "lake/x")])

    disk.replay([done("sync", "")])

    assert disk.left(ALL_LOST) == {"a": b"old", "lake": None}
