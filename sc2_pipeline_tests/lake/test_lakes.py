"""What every lake promises, wherever it lies."""

import json
import time
from contextlib import closing
from socket import socket

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import LakeError, SettingsError
from sc2_pipeline.lake import (
    RECEIPT,
    FileMark,
    FolderLake,
    StoreLake,
    damage_of,
    difference,
    drivers,
    open_lake,
    store,
)
from sc2_pipeline.lake.bundles import place_of, write_bundle

FOLDER = "streams/ab/abcd.1234"
ROWS = pa.table({"game_loop": [1, 2, 3]})


class StoppedError(Exception):
    """What a test raises where a process might have died."""


def fill(folder, rows=ROWS):
    pq.write_table(rows, folder / "unit_events.parquet")
    pq.write_table(rows, folder / "commands.parquet")
    (folder / RECEIPT).write_text(json.dumps({"receipt": {"rows": {"unit_events": 3, "commands": 3}}}))


def put(lake, folder=FOLDER):
    with lake.new_folder(folder) as place:
        fill(place)


def put_and_stop(lake):
    with lake.new_folder(FOLDER) as place:
        fill(place)
        raise StoppedError


def test_a_folder_is_there_once_it_is_filled(lake):
    before = lake.receipts([FOLDER])
    put(lake)

    assert before == {}
    assert lake.receipts([FOLDER, "streams/no/such.0"]) == {
        FOLDER: {"receipt": {"rows": {"unit_events": 3, "commands": 3}}}
    }
    assert lake.marks([FOLDER])[FOLDER].keys() == {"unit_events", "commands"}
    assert lake.read([FOLDER, FOLDER], "unit_events") == pa.concat_tables([ROWS, ROWS])


def test_after_an_error_no_folder_is_there(lake):
    with pytest.raises(StoppedError):
        put_and_stop(lake)

    assert lake.receipts([FOLDER]) == {}


def test_a_folder_that_is_withdrawn_is_not_there_keeps_its_files_and_can_be_filled_again(lake):
    put(lake)
    empty = lake.withdraw("streams/no/such.0")

    lake.withdraw(FOLDER)
    withdrawn = lake.receipts([FOLDER])
    files = lake.marks([FOLDER])[FOLDER].keys()
    put(lake)

    assert (empty, withdrawn, files) == (None, {}, {"unit_events", "commands"})
    assert len(lake.receipts([FOLDER])) == 1


@pytest.mark.parametrize(
    ("written", "found", "said"),
    [
        (FileMark(bytes=20, tail="a"), FileMark(bytes=20, tail="a"), None),
        (FileMark(bytes=20, tail="a"), FileMark(bytes=20), None),
        (FileMark(bytes=20, tail="a"), FileMark(bytes=20, tail="b"), "holds other bytes than were written"),
        (FileMark(bytes=20, tail="a"), FileMark(bytes=19, tail="a"), "has 19 bytes, where 20 were written"),
        (FileMark(bytes=20, tail="a"), None, "is missing"),
        (None, FileMark(bytes=12), None),
        (None, FileMark(bytes=11), "has 11 bytes, too few for a Parquet file"),
    ],
)
def test_a_file_is_known_again_by_its_mark(written, found, said):
    assert difference(written, found) == said


def test_reading_a_file_to_its_end_tells_of_a_bit_that_turned(tmp_path):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"number": list(range(10_000))}), path, write_page_checksum=True, compression="zstd")
    sound = damage_of(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    assert (sound, damage_of(tmp_path / "none.parquet")) == (None, "is missing")
    assert damage_of(path).startswith("cannot be read (")


def test_damaged_rows_of_a_game_version_are_as_if_they_were_not_there(tmp_path):
    lake = FolderLake(tmp_path)
    for version in ("1.A", "2.B"):
        lake.keep_game_data("unit_types", version, ROWS)
    (tmp_path / "game_data" / "unit_types" / "1.A.parquet").write_bytes(b"")

    assert lake.game_data("unit_types") == [ROWS]
    assert not lake.has_game_data("unit_types", "1.A")


def test_two_that_finish_the_same_leave_one_folder_that_is_whole(lake):
    with lake.new_folder(FOLDER) as slower:
        fill(slower)
        put(lake)

    assert len(lake.receipts([FOLDER])) == 1
    assert lake.read([FOLDER], "commands") == ROWS


def test_a_receipt_that_is_no_json_makes_no_folder(lake):
    with lake.new_folder(FOLDER) as place:
        fill(place)
        (place / RECEIPT).write_text('{"receipt": ')

    assert lake.receipts([FOLDER]) == {}


def test_rows_of_a_game_version_are_kept_by_version(lake):
    for version in ("75689.B89B", "93333.AAAA"):
        assert not lake.has_game_data("unit_types", version)
        lake.keep_game_data("unit_types", version, ROWS)

    assert lake.has_game_data("unit_types", "75689.B89B")
    assert lake.game_data("unit_types") == [ROWS, ROWS]
    assert lake.game_data("upgrade_types") == []


def test_files_are_fetched_whole(lake, tmp_path):
    put(lake)

    for _ in "12":
        lake.fetch([f"{FOLDER}/commands.parquet"], tmp_path / "fetched")

    assert [path.name for path in (tmp_path / "fetched" / FOLDER).iterdir()] == ["commands.parquet"]
    assert pq.read_table(tmp_path / "fetched" / FOLDER / "commands.parquet") == ROWS


def test_a_file_that_is_not_in_the_lake_is_named(lake, tmp_path):
    with pytest.raises(
        LakeError, match=r"alerts\.parquet is not in the lake .*; give the setting lake that its replay"
    ):
        lake.fetch([f"{FOLDER}/alerts.parquet"], tmp_path / "fetched")

    assert list((tmp_path / "fetched").rglob("*.parquet")) == []


def test_a_lake_that_can_be_written_is_left_as_it_was(lake):
    lake.check()

    assert lake.receipts([".probe"]) == {}


@pytest.fixture(params=["memory", "file", "s3"])
def far(request, tmp_path):
    """Lakes that are stores, empty."""
    if request.param == "file":
        return StoreLake(f"file://{tmp_path}")
    return StoreLake(request.getfixturevalue("bucket") if request.param == "s3" else f"memory://{tmp_path.name}")


def test_an_upload_that_was_cut_short_is_no_extraction_and_the_next_try_is(far, monkeypatch):
    put_one = store._put

    def dies(fs, root, path, *, folder):
        if path.name == RECEIPT:
            raise StoppedError
        put_one(fs, root, path, folder=folder)

    monkeypatch.setattr(store, "_put", dies)
    with pytest.raises(StoppedError):
        put(far)
    fs, root = drivers.file_system(far.url)
    left = [path.rpartition("/")[2] for path in fs.find(f"{root}/{FOLDER}")]
    standing = far.receipts([FOLDER])
    monkeypatch.setattr(store, "_put", put_one)
    put(far)

    assert (sorted(left), standing) == (["commands.parquet", "unit_events.parquet"], {})
    assert len(far.receipts([FOLDER])) == 1
    assert far.read([FOLDER], "commands") == ROWS


def test_what_a_killed_upload_left_on_a_shared_disk_goes_with_the_next_try(tmp_path):
    lake = StoreLake(f"file://{tmp_path}")
    left = tmp_path / FOLDER / ".partial-commands.parquet-00000000"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    put(lake)

    assert sorted(path.name for path in left.parent.iterdir()) == ["commands.parquet", RECEIPT, "unit_events.parquet"]


@pytest.mark.parametrize("damage", ["gone", "half"])
def test_a_file_that_somebody_damaged_is_named_with_the_way_out(far, damage):
    put(far)
    fs, root = drivers.file_system(far.url)
    path = f"{root}/{FOLDER}/commands.parquet"
    content = fs.cat_file(path)
    fs.rm_file(path) if damage == "gone" else fs.pipe_file(path, content[:-9])

    with pytest.raises(LakeError, match=r"commands\.parquet is not there or not whole, .*remove that extract\.json"):
        far.read([FOLDER], "commands")


@pytest.mark.parametrize("few_files", [0, 20], ids=["many", "few"])
@pytest.mark.parametrize("damage", ["gone", "half", "no_parquet", "other_columns"])
def test_a_file_that_somebody_damaged_in_the_home_is_named_with_the_way_out(tmp_path, damage, few_files, monkeypatch):
    monkeypatch.setattr("sc2_pipeline.lake.parquet._FEW_FILES", few_files)
    lake = FolderLake(tmp_path)
    for folder in (FOLDER, "streams/cd/cdef.1234"):
        put(lake, folder)
    path = tmp_path / "streams/cd/cdef.1234/commands.parquet"
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "other_columns":
        pq.write_table(pa.table({"seconds": [1.5]}), path)
    else:
        path.write_bytes(content[: len(content) // 2] if damage == "half" else b"this is no file of rows")

    with pytest.raises(LakeError, match=r"commands\.parquet cannot be read \(.+\); remove the folder .*extracted anew"):
        lake.read([FOLDER, "streams/cd/cdef.1234"], "commands")


def test_a_refusal_of_the_machine_is_blamed_on_no_file(tmp_path, monkeypatch):
    lake = FolderLake(tmp_path)
    put(lake)

    def refuses(*_):
        raise duckdb.IOException("Cannot open file: Too many open files")

    monkeypatch.setattr("sc2_pipeline.lake.parquet.read_rows", refuses)
    with pytest.raises(duckdb.IOException, match="Too many open files"):
        lake.read([FOLDER], "commands")
    monkeypatch.setattr("sc2_pipeline.lake.parquet._FEW_FILES", 0)
    monkeypatch.setattr("sc2_pipeline.lake.parquet.duckdb.connect", refuses)
    with pytest.raises(duckdb.IOException, match="Too many open files"):
        lake.read([FOLDER], "commands")


@pytest.mark.parametrize("few_files", [0, 20], ids=["many", "few"])
def test_a_folder_may_have_any_name(tmp_path, few_files, monkeypatch):
    monkeypatch.setattr("sc2_pipeline.lake.parquet._FEW_FILES", few_files)
    lake = FolderLake(tmp_path / "a[b]'c \N{SNOWMAN}{d}")
    put(lake)

    assert lake.read([FOLDER], "commands") == ROWS


def test_no_folder_is_made_under_a_mount_point_that_is_not_there(tmp_path):
    lake = StoreLake(f"file://{tmp_path}/not_mounted")

    with pytest.raises(LakeError, match="not_mounted is no folder here"):
        lake.check()

    assert not (tmp_path / "not_mounted").exists()


def test_a_bucket_that_is_not_there_is_said(s3):
    with pytest.raises(LakeError, match=r"the lake s3://no-such-bucket/x cannot be used .*bucket does not exist"):
        StoreLake("s3://no-such-bucket/x").check()


def test_a_store_that_does_not_answer_is_said_within_seconds(s3, monkeypatch):
    with closing(socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{taken.getsockname()[1]}")
        began = time.perf_counter()
        with pytest.raises(LakeError, match=r"s3://silent/x cannot be used .*Could not connect"):
            forgetful("s3://silent/x", monkeypatch).check()

    assert time.perf_counter() - began < 30


def test_keys_that_are_missing_are_said(s3, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "nowhere")

    with pytest.raises(LakeError, match=r"cannot be used .*[Cc]redentials.*check that it is there, and the keys"):
        forgetful("s3://replays/x", monkeypatch).check()


def forgetful(url, monkeypatch):
    """A lake whose driver reads the environment anew."""
    options = drivers._options("s3") | {"skip_instance_cache": True}
    monkeypatch.setattr(drivers, "_options", lambda _: options)
    return StoreLake(url)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError('Could not connect to the endpoint URL: "http://me:secret@127.0.0.1:1/b"'),
            '"http://***@127.0.0.1:1/b"',
        ),
        (
            PermissionError("403 for https://b.example/x?X-Amz-Signature=secret&part=1"),
            "https://b.example/x?X-Amz-Signature=***",
        ),
        (
            FileNotFoundError("s3://AKIA:se/cret@b/x is not there, nor s3://b/y"),
            "s3://***@b/x is not there, nor s3://b/y",
        ),
    ],
)
def test_what_a_driver_says_is_passed_on_without_credentials(monkeypatch, error, said):
    def refuse(_):
        raise error

    monkeypatch.setattr(store, "file_system", refuse)

    with pytest.raises(LakeError) as refused:
        StoreLake("s3://b/x").check()

    assert said in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "se/cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("abfs://container/x", r"its driver is not installed .*install adlfs"),
        ("bucket://x/y", "fsspec knows no bucket://; give s3://"),
    ],
)
def test_an_address_that_nothing_here_reads_is_refused(url, said):
    with pytest.raises(SettingsError, match=said):
        open_lake(Settings(lake=url, workers=1))


@pytest.mark.parametrize("url", ["/mnt/lake", "s3://", "s3:///", "lake"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(SettingsError, match=r"give a URL such as s3://bucket/folder or file:///mnt/shared"):
        Settings(lake=url)


@pytest.mark.parametrize("settings", [{"workers": 2}, {"workers": 1, "scheduler": "tcp://host:1"}])
def test_memory_of_one_process_is_no_lake_of_several(settings):
    with pytest.raises(SettingsError, match="which one process alone sees"):
        open_lake(Settings(lake="memory://x", **settings))


def test_without_the_setting_the_lake_is_in_the_home(tmp_path):
    assert open_lake(Settings(home=tmp_path)) == FolderLake(tmp_path / "lake")


def test_a_damaged_receipt_in_a_bundle_is_none(tmp_path):
    lake, text = FolderLake(tmp_path), json.dumps({"receipt": {}}).encode()
    bundle = write_bundle(tmp_path, "streams", {FOLDER: {RECEIPT: text}})
    place = place_of(bundle, FOLDER)
    path = tmp_path / bundle
    content = pq.read_metadata(path).row_group(0).column(2)
    damaged = bytearray(path.read_bytes())
    damaged[content.data_page_offset + content.total_compressed_size - 20] ^= 0xFF

    sound = lake.receipts([place])
    path.write_bytes(damaged)

    assert sound == {place: {"receipt": {}}}
    assert FolderLake(tmp_path).receipts([place]) == {}
