import hashlib
import os
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from sc2_pipeline import packs
from sc2_pipeline.config import Settings
from sc2_pipeline.errors import ReplayError
from sc2_pipeline.packs import archive
from sc2_pipeline.pipeline.stages import real_path
from sc2_pipeline.steps.discover import identify, replay_paths, shown_path, unread_archives
from sc2_pipeline_tests.packs.zip_writer import Member, pack_bytes, pack_of, write_pack


def _inside(paths, folder):
    return [path.relative_to(folder).as_posix() for path in paths]


def _reasons(folder, password=None):
    found = [identify(path, {}, password) for path in replay_paths([folder], password)]
    return {file.path.relative_to(folder).as_posix(): file.reason for file in found}


def test_replays_in_a_pack_are_listed_from_all_its_folders(tmp_path):
    content = {"b/c/two.sc2replay": b"2", "one.SC2Replay": b"1", "notes.txt": b"", "a.SC2Replay/": b""}
    pack = pack_of(tmp_path / "in" / "Pack.ZIP", content | {"__MACOSX/._one.SC2Replay": b"icon"})

    listed = ["in/Pack.ZIP!b/c/two.sc2replay", "in/Pack.ZIP!one.SC2Replay"]
    assert _inside(replay_paths([tmp_path]), tmp_path) == listed
    assert _inside(replay_paths([pack]), tmp_path) == listed
    assert _inside(replay_paths([tmp_path / listed[1]]), tmp_path) == listed[1:]


@pytest.mark.parametrize("password", [None, "some word", "비밀"])
def test_a_member_has_the_id_of_its_bytes_and_the_size_and_time_of_its_own_file(tmp_path, password):
    content = os.urandom(100_000 if password else 3_000_000) + bytes(10_000)
    pack = pack_of(tmp_path / "pack.zip", {"x/a.SC2Replay": content}, password or "")
    [path] = replay_paths([pack])
    found = identify(path, {}, password)

    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.shown_path == f"{pack}!x/a.SC2Replay"
    assert (found.file_bytes, found.modified_ns) == (
        len(content),
        max(pack.stat().st_mtime_ns, pack.stat().st_ctime_ns),
    )
    assert packs.file_name(path) == "a.SC2Replay"


def test_a_member_of_an_unchanged_pack_is_not_read_again_and_needs_no_password(tmp_path):
    pack = pack_of(tmp_path / "pack.zip", {"a.SC2Replay": b"bytes"}, "word")
    first = identify(Path(f"{pack}!a.SC2Replay"), {}, "word")
    known = {first.shown_path: ("f" * 64, first.file_bytes, first.modified_ns)}

    assert identify(first.path, known).sha256 == "f" * 64
    os.utime(pack, (1, 2**33))
    assert identify(first.path, known, "word").sha256 == first.sha256


def test_zipfile_reads_what_these_tests_write(tmp_path):
    pack = pack_of(tmp_path / "pack.zip", {"a.SC2Replay": b"bytes"}, "word")

    with zipfile.ZipFile(pack) as archive:
        assert archive.read("a.SC2Replay", pwd=b"word") == b"bytes"


def test_a_pack_in_a_pack_is_read_and_one_in_that_is_refused(tmp_path):
    innermost = pack_bytes([Member(name=b"c.SC2Replay", content=b"c")])
    inner = pack_bytes([Member(name=b"b.SC2Replay", content=b"b"), Member(name=b"deep.zip", content=innermost)])
    pack_of(tmp_path / "a.zip", {"in/inner.zip": inner, "a.SC2Replay": b"a"}, "word")

    assert _reasons(tmp_path) == {"a.zip!in/inner.zip": "missing_password", "a.zip!a.SC2Replay": "missing_password"}
    assert _reasons(tmp_path, "word") == {
        "a.zip!in/inner.zip!b.SC2Replay": None,
        "a.zip!in/inner.zip!deep.zip": "unsupported_pack",
        "a.zip!a.SC2Replay": None,
    }
    assert packs.read_bytes(tmp_path / "a.zip!in/inner.zip!b.SC2Replay", "word") == b"b"


def _unicode_path(raw, name):
    data = struct.pack("<BI", 1, zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(data)) + data


NAMES = {
    "flagged as UTF-8": (Member(name="쓰기.SC2Replay".encode(), content=b"", flags=0x800), "쓰기.SC2Replay"),
    "UTF-8 without a flag": (Member(name="Größe.SC2Replay".encode(), content=b""), "Größe.SC2Replay"),
    "cp437": (Member(name="Größe.SC2Replay".encode("cp437"), content=b""), "Größe.SC2Replay"),
    "GBK": (Member(name="战争.SC2Replay".encode("gbk"), content=b""), "╒╜╒∙.SC2Replay"),
    "EUC-KR": (Member(name="쓰기.SC2Replay".encode("euc-kr"), content=b""), "╛▓▒Γ.SC2Replay"),
    "with a Unicode path beside it": (
        Member(name=b"\xff.SC2Replay", content=b"", extra=_unicode_path(b"\xff.SC2Replay", "쓰기.SC2Replay")),
        "쓰기.SC2Replay",
    ),
    "with another's Unicode path": (
        Member(name=b"a.SC2Replay", content=b"", extra=_unicode_path(b"b", "쓰기.SC2Replay")),
        "a.SC2Replay",
    ),
    "relative": (Member(name=b"/../x/./../a.SC2Replay", content=b""), "x/a.SC2Replay"),
    "with backslashes": (Member(name=b"x\\a.SC2Replay", content=b""), "x/a.SC2Replay"),
    "with a NUL": (Member(name=b"a\0b.SC2Replay", content=b""), "a�b.SC2Replay"),
    "like a member of a pack": (Member(name=b"a.zip!b.SC2Replay", content=b""), "a.zip_b.SC2Replay"),
    "longer than a file's": (Member(name=b"a" * 5_000 + b".SC2Replay", content=b""), "a" * 5_000 + ".SC2Replay"),
}


@pytest.mark.parametrize(("member", "shown"), NAMES.values(), ids=NAMES)
def test_any_name_is_shown_can_be_stored_and_leads_back_to_the_member(tmp_path, member, shown):
    pack = write_pack(tmp_path / "pack.zip", [member])
    [path] = replay_paths([tmp_path])

    assert shown_path(path) == f"{pack}!{shown}"
    assert real_path(shown_path(path)) == path
    assert list(replay_paths([path])) == [path]
    assert identify(path, {}).sha256 == hashlib.sha256(b"").hexdigest()


def test_members_of_one_name_are_told_apart(tmp_path):
    write_pack(tmp_path / "a.zip", [Member(name=b"a.SC2Replay", content=bytes([n])) for n in range(3)])
    paths = list(replay_paths([tmp_path]))

    assert [packs.file_name(path) for path in paths] == ["a.SC2Replay", "a~2.SC2Replay", "a~3.SC2Replay"]
    assert [packs.read_bytes(path, None) for path in paths] == [b"\0", b"\1", b"\2"]


@pytest.mark.skipif(os.name == "nt", reason="Windows file names are always text")
def test_a_pack_whose_own_name_is_no_utf8_is_found_again(tmp_path):
    pack_of(tmp_path / os.fsdecode(b"\xff.zip"), {"쓰기.SC2Replay": b""})
    [path] = replay_paths([tmp_path])

    assert shown_path(path).endswith("\\xff.zip!쓰기.SC2Replay")
    assert real_path(shown_path(path)) == path


def test_a_file_named_like_a_member_is_that_file(tmp_path):
    pack_of(tmp_path / "a.zip", {"b.SC2Replay": b"member"})
    path = tmp_path / "a.zip!b.SC2Replay"
    path.write_bytes(b"file")

    assert identify(path, {}).sha256 == hashlib.sha256(b"file").hexdigest()


def _garbled(data, at):
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def test_every_fault_is_one_outcome_with_its_reason(tmp_path):
    text = os.urandom(5_000)
    whole = pack_bytes([Member(name=b"a.SC2Replay", content=text)])
    (tmp_path / "cut.zip").write_bytes(whole[:-30])
    (tmp_path / "empty.zip").write_bytes(b"")
    (tmp_path / "garbled.zip").write_bytes(_garbled(whole, 500))
    (tmp_path / "no_utf8.zip").write_bytes(pack_bytes([Member(name=b"\xff.SC2Replay", content=b"", flags=0x800)]))
    pack_of(tmp_path / "secret.zip", {"a.SC2Replay": text}, "right")
    for name, method, flags in (("aes", 99, 1), ("deflate64", 9, 0), ("lzma", 14, 0), ("strong", 8, 0x41)):
        write_pack(tmp_path / f"{name}.zip", [Member(name=b"a.SC2Replay", content=text, method=method, flags=flags)])
    pack_of(tmp_path / "whole.zip", {"a.SC2Replay": text})

    assert _reasons(tmp_path, "wrong") == {
        "aes.zip!a.SC2Replay": "unsupported_pack",
        "cut.zip": "damaged_pack",
        "deflate64.zip!a.SC2Replay": "unsupported_pack",
        "empty.zip": "damaged_pack",
        "garbled.zip!a.SC2Replay": "damaged_pack",
        "lzma.zip!a.SC2Replay": "unsupported_pack",
        "no_utf8.zip": "damaged_pack",
        "secret.zip!a.SC2Replay": "wrong_password",
        "strong.zip!a.SC2Replay": "unsupported_pack",
        "whole.zip!a.SC2Replay": None,
    }
    assert _reasons(tmp_path)["secret.zip!a.SC2Replay"] == "missing_password"
    assert _reasons(tmp_path, "right")["secret.zip!a.SC2Replay"] is None


def test_every_wrong_password_is_noticed(tmp_path):
    pack = pack_of(tmp_path / "a.zip", {"a.SC2Replay": b"some bytes of a replay" * 9}, "right")
    faults = {identify(Path(f"{pack}!a.SC2Replay"), {}, f"wrong {n}").reason for n in range(2_000)}

    assert faults == {"wrong_password"}, "one in 256 passes the check of the first byte"


def test_a_garbled_pack_is_read_or_refused_with_a_reason_of_packs(tmp_path):
    secret = Member(name=b"secret.SC2Replay", content=os.urandom(50), password=b"word")
    named = Member(name=b"b.SC2Replay", content=bytes(99), extra=_unicode_path(b"b.SC2Replay", "쓰기.SC2Replay"))
    whole = pack_bytes([Member(name=b"a.SC2Replay", content=os.urandom(200)), named, secret])
    told = set()
    for at in range(len(whole)):
        (tmp_path / "a.zip").write_bytes(_garbled(whole, at))
        told |= set(_reasons(tmp_path, "word").values())

    assert {"damaged_pack", "wrong_password", "unsupported_pack", None} <= told
    assert told <= packs.PACK_REASONS | {None, "too_large"}


def test_a_bomb_is_refused_by_its_declared_size_and_by_what_comes_out(tmp_path):
    zeros = bytes(3_000_000)
    pack_of(tmp_path / "honest.zip", {"a.SC2Replay": zeros})
    padding = Member(name=b"pad.SC2Replay", content=os.urandom(3_000_000), method=0)
    write_pack(tmp_path / "padded.zip", [Member(name=b"a.SC2Replay", content=zeros), padding])
    lie = Member(name=b"a.SC2Replay", content=zeros, declared_bytes=100)
    write_pack(tmp_path / "lying.zip", [lie])
    large = Member(name=b"a.SC2Replay", content=os.urandom(2_000_000), method=0, declared_bytes=65 * 2**20)
    write_pack(tmp_path / "large.zip", [large])
    inner = pack_bytes([Member(name=b"a.SC2Replay", content=bytes(40_000_000))])
    pack_of(tmp_path / "nested.zip", {"inner.zip": inner})

    assert _reasons(tmp_path) == {
        "honest.zip": "oversized_pack",
        "large.zip!a.SC2Replay": "too_large",
        "lying.zip!a.SC2Replay": "damaged_pack",
        "nested.zip!inner.zip": "oversized_pack",
        "padded.zip!a.SC2Replay": "too_large",
        "padded.zip!pad.SC2Replay": None,
    }


def test_the_number_of_members_is_bounded_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    monkeypatch.setattr(archive, "MAX_DIRECTORY_BYTES", 1_000)
    four = {f"{n}.SC2Replay": b"" for n in range(4)}
    pack_of(tmp_path / "four.zip", four)
    pack_of(tmp_path / "long_list.zip", {f"{n}" * 2_000: b"" for n in range(2)})
    two = pack_bytes([Member(name=b"a.SC2Replay", content=b""), Member(name=b"b.SC2Replay", content=b"")])
    pack_of(tmp_path / "two_in_two.zip", {"one.zip": two, "two.zip": two})

    assert _reasons(tmp_path) == dict.fromkeys(("four.zip", "long_list.zip", "two_in_two.zip"), "oversized_pack")


def test_a_pack_that_changes_or_goes_is_noticed(tmp_path):
    pack = pack_of(tmp_path / "a.zip", {"a.SC2Replay": b"first"})
    path = Path(f"{pack}!a.SC2Replay")
    assert packs.read_bytes(path, None) == b"first"

    pack_of(pack, {"b.SC2Replay": b"", "a.SC2Replay": b"other"})
    assert packs.read_bytes(path, None) == b"other"
    pack_of(pack, {"b.SC2Replay": b""})
    with pytest.raises(ReplayError, match=r"a\.zip has no a\.SC2Replay any more") as gone:
        packs.read_bytes(path, None)
    assert gone.value.reason == "vanished_file"
    pack.unlink()
    assert identify(path, {}).reason == "vanished_file"
    assert not packs.is_there(path)


def _open_files():
    folder = Path("/proc/self/fd")  # Of Linux; elsewhere nothing is compared.
    return len(list(folder.iterdir())) if folder.exists() else None


def test_kept_packs_hold_no_file_open_and_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_KEPT_BYTES", 3_500)
    for n in range(9):
        pack_of(tmp_path / f"{n}.zip", {"a.SC2Replay": b""})
    open_files = _open_files()
    assert set(_reasons(tmp_path).values()) == {None}

    assert [path.name for path in archive._kept] == ["6.zip", "7.zip", "8.zip"]
    assert _open_files() == open_files


def test_a_folder_named_like_a_pack_is_a_folder(tmp_path):
    (tmp_path / "a.zip").mkdir()
    (tmp_path / "a.zip" / "b.SC2Replay").write_bytes(b"")

    assert _reasons(tmp_path) == {"a.zip/b.SC2Replay": None}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_named_like_a_pack_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.zip")

    assert list(replay_paths([tmp_path])) == []
    assert identify(tmp_path / "a.zip", {}).reason == "not_a_file"


def test_archives_of_other_kinds_are_named(tmp_path):
    for name in ("a.7z", "in/b.RAR", "c.tar.gz", "d.zip", "e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")

    assert _inside(unread_archives([tmp_path, tmp_path / "a.7z"]), tmp_path) == ["a.7z", "c.tar.gz", "in/b.RAR"]


def test_the_password_is_in_no_text_of_the_settings():
    settings = Settings(pack_password="hunter2")

    assert "hunter2" not in f"{settings} {settings!r}"
    assert settings.pack_password == "hunter2"


def test_real_replays_are_read_from_a_pack_as_from_files(shared, tmp_path):
    files = sorted((shared / "replays").rglob("*.SC2Replay"))[:5]
    with zipfile.ZipFile(tmp_path / "pack.zip", "w", zipfile.ZIP_DEFLATED) as pack:
        for number, file in enumerate(files):
            pack.write(file, f"{number}/{file.name}")
    shutil.copy(files[0], tmp_path)

    assert [packs.read_bytes(path, None) for path in replay_paths([tmp_path / "pack.zip"])] == [
        file.read_bytes() for file in files
    ]
