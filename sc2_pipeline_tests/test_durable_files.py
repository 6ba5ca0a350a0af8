"""What counts on a file does so once it is on the disk: its bytes, its name, and the folders above it."""

import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.durable_files import make_folders, whole_file
from sc2_pipeline.lake import RECEIPT, FolderLake
from sc2_pipeline.steps.compact import Piece, compact
from sc2_pipeline.tables import RAW_TABLES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows syncs no folders")


@pytest.fixture
def synced(monkeypatch):
    """Every file and folder that was synced, as ``(inode, size)``, and every rename, in order."""
    done: list[tuple[str, object]] = []
    fsync, rename, replace = os.fsync, Path.rename, Path.replace

    def note_sync(descriptor):
        status = os.fstat(descriptor)
        done.append(("sync", status.st_ino))
        fsync(descriptor)

    def note(real):
        def renamed(path, target):
            done.append(("rename", path.stat().st_ino))
            return real(path, target)

        return renamed

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "rename", note(rename))
    monkeypatch.setattr(Path, "replace", note(replace))
    return done


def inode(path):
    return path.stat().st_ino


def before_and_after_the_rename(done, of):
    """What was synced before something got its name, and after."""
    at = done.index(("rename", inode(of)))
    return {i for what, i in done[:at] if what == "sync"}, {i for what, i in done[at:] if what == "sync"}


def test_an_extraction_is_on_the_disk_before_it_has_its_name(tmp_path, synced):
    lake = FolderLake(tmp_path / "lake")

    with lake.new_folder("streams/ab/abcd.s") as place:
        for name in ("replays.parquet", "commands.parquet", RECEIPT):
            (place / name).write_bytes(b"content")

    folder = tmp_path / "lake" / "streams" / "ab" / "abcd.s"
    before, after = before_and_after_the_rename(synced, folder)
    assert {inode(path) for path in (folder, *folder.iterdir())} <= before
    assert {inode(above) for above in list(folder.parents)[:4]} <= after


def test_extractions_of_a_task_are_waited_for_together_and_stand_whatever_ends_it(tmp_path, synced):
    lake = FolderLake(tmp_path / "lake")
    folders = [f"streams/ab/abc{number}.s" for number in range(3)]

    def fill_two_of_three():
        with lake.together() as together:
            for number, folder in enumerate(folders):
                with together.new_folder(folder) as place:
                    (place / RECEIPT).write_text("{}")
                    if number == 2:
                        raise KeyboardInterrupt
                assert lake.receipts(folders) == {}

    with pytest.raises(KeyboardInterrupt):
        fill_two_of_three()

    assert lake.receipts(folders) == {folders[0]: {}, folders[1]: {}}
    assert sorted(path.name for path in (tmp_path / "lake" / "streams" / "ab").iterdir()) == ["abc0.s", "abc1.s"]
    [first, *_] = [number for number, (what, _) in enumerate(synced) if what == "rename"]
    receipts = {inode(tmp_path / "lake" / folder / RECEIPT) for folder in folders[:2]}
    assert receipts <= {done for what, done in synced[:first] if what == "sync"}


def test_game_data_and_localised_files_are_too(tmp_path, synced):
    elsewhere = FolderLake(tmp_path / "elsewhere")
    elsewhere.keep_game_data("unit_types", "1", pa.table({"a": [1]}))
    elsewhere.fetch(["game_data/unit_types/1.parquet"], tmp_path / "here")

    for root in ("elsewhere", "here"):
        path = tmp_path / root / "game_data" / "unit_types" / "1.parquet"
        before, after = before_and_after_the_rename(synced, path)
        assert inode(path) in before
        assert inode(path.parent) in after


def test_a_compacted_part_is_too(tmp_path, synced):
    schema = RAW_TABLES["unit_buffs"].schema
    pq.write_table(schema.empty_table(), tmp_path / "small.parquet")

    [part] = compact(
        tmp_path, "lake/compact", "unit_buffs", [Piece(replay_id="aa", settings_digest="s", path="small.parquet")]
    )

    before, after = before_and_after_the_rename(synced, tmp_path / part.path)
    assert inode(tmp_path / part.path) in before
    assert inode(tmp_path / "lake" / "compact") in after


def test_after_an_error_the_old_file_stands_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write_half():
        with whole_file(path) as partial:
            partial.write_bytes(b"ne")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_half()

    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("file", b"old")]


def test_folders_that_are_there_are_left_alone(tmp_path, synced):
    make_folders(tmp_path)

    assert synced == []
