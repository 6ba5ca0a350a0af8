import os
import random
import struct
import sys
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sc2_pipeline.errors import CorruptReplayError, ReplayError
from sc2_pipeline.replay_format import mpq
from sc2_pipeline.replay_format.mpq import Archive, open_archive
from sc2_pipeline_tests.replay_format.archives import (
    COMPRESSED,
    ENCRYPTED,
    EXISTS,
    HEADER_AT,
    SINGLE_UNIT,
    Member,
    archive,
    in_sectors,
    uncompressed,
    with_bz2,
    with_zlib,
)

CONTENT = b"".join(struct.pack("<I", number * number) for number in range(700))


@pytest.mark.parametrize(
    "member",
    [
        with_zlib("replay.details", CONTENT),
        with_bz2("replay.details", CONTENT),
        uncompressed("replay.details", CONTENT),
        in_sectors("replay.details", CONTENT),
        in_sectors("replay.details", CONTENT, has_checksums=True),
        in_sectors("replay.details", CONTENT[:512]),
        Member(name="replay.details", stored=CONTENT, size=len(CONTENT)),
    ],
    ids=["zlib", "bz2", "uncompressed", "sectors", "sectors with checksums", "one sector", "single unit as it is"],
)
@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_member_is_read_whatever_its_storage_and_the_format_version(member, version):
    opened = Archive(archive(with_zlib("other", b"x"), member, version=version))

    assert opened.read("replay.details") == CONTENT[: member.size]
    assert opened.header_block == b"header"


def test_an_empty_member_has_no_bytes():
    empty = Member(name="replay.sync.history", stored=b"", size=0, flags=EXISTS | COMPRESSED)

    assert Archive(archive(empty)).read("replay.sync.history") == b""


def test_names_are_found_without_a_list_file_and_in_any_capitals():
    opened = Archive(archive(with_zlib("replay.details", CONTENT)))

    assert "REPLAY.Details" in opened
    assert "(listfile)" not in opened
    with pytest.raises(CorruptReplayError, match=r"the archive has no \(listfile\)") as raised:
        opened.read("(listfile)")
    assert raised.value.reason == "missing_member"


def damaged(**changes) -> Member:
    good = with_zlib("m", CONTENT)
    values = {"name": "m", "stored": good.stored, "size": good.size, "flags": good.flags} | changes
    return Member(**values)


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (damaged(flags=EXISTS | COMPRESSED | SINGLE_UNIT | ENCRYPTED), "encrypted"),
        (damaged(stored=b"\x02not zlib at all"), "corrupt_member"),
        (damaged(stored=b"\x10not bz2 at all"), "corrupt_member"),
        (damaged(size=len(CONTENT) - 1), "corrupt_member"),
        (damaged(size=len(CONTENT) + 1), "corrupt_member"),
        (damaged(stored=b"\x12" + CONTENT), "unsupported_compression"),
        (damaged(stored=b"\x20" + CONTENT), "unsupported_compression"),
        (damaged(flags=EXISTS | 0x100), "unsupported_compression"),
        (damaged(size=mpq.MAX_MEMBER_BYTES + 1), "too_large"),
        (damaged(stored=bytes(8), size=2048, flags=EXISTS | COMPRESSED), "corrupt_member"),
    ],
)
def test_a_bad_member_is_an_error_with_its_own_reason(member, reason):
    opened = Archive(archive(member))

    with pytest.raises(CorruptReplayError) as raised:
        opened.read("m")

    assert raised.value.reason == reason
    assert str(raised.value).startswith("m: ")


def test_an_encrypted_list_file_does_not_spoil_the_other_members():
    secret = Member(name="(listfile)", stored=bytes(40), size=90, flags=EXISTS | COMPRESSED | ENCRYPTED)

    assert Archive(archive(secret, with_zlib("m", CONTENT))).read("m") == CONTENT


def test_a_member_keeps_what_is_before_its_fault():
    content = random.Random(1).randbytes(100_000)
    stored = bytearray(with_zlib("m", content).stored)
    stored[60_000:60_100] = bytes(100)

    prefix, fault = Archive(archive(damaged(stored=bytes(stored), size=len(content)))).read_prefix("m")

    assert fault is not None
    assert 50_000 < len(prefix) < 100_000
    assert content.startswith(prefix[:50_000])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"),
        (b"PK\3\4 not a replay", "not_an_archive"),
        (b"MPQ\x1b", "truncated"),
        (b"MPQ\x1b" + struct.pack("<III", 512, 1024, 600), "truncated"),
        (archive()[: HEADER_AT + 20], "truncated"),
        (archive(with_zlib("m", CONTENT))[:-1], "truncated"),
        (archive(with_zlib("m", CONTENT))[:-300], "truncated"),
        (archive(with_zlib("m", CONTENT)).replace(b"MPQ\x1a", b"\0MPQ\x1a", 1), "corrupt_archive"),
        (archive(hash_count=0), "empty_archive"),
    ],
)
def test_a_bad_archive_is_an_error_with_its_own_reason(data, reason):
    with pytest.raises(CorruptReplayError) as raised:
        Archive(data)

    assert raised.value.reason == reason


def test_a_table_of_a_million_entries_is_refused_before_it_is_read():
    data = bytearray(archive(with_zlib("m", CONTENT)) + bytes(17 * 2**20))
    struct.pack_into("<I", data, HEADER_AT + 24, 2**20)

    with pytest.raises(CorruptReplayError, match="hash table of 1048576 entries") as raised:
        Archive(bytes(data))

    assert raised.value.reason == "corrupt_table"


def test_a_bomb_of_zeros_takes_no_more_memory_than_the_size_it_declares():
    bomb = with_bz2("m", bytes(200 * 2**20))
    opened = Archive(archive(Member(name="m", stored=bomb.stored, size=2**20)))

    tracemalloc.start()
    with pytest.raises(CorruptReplayError, match="1048576 bytes declared, more came out"):
        opened.read("m")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(opened.header_block) < 100
    assert peak < 8 * 2**20


def test_a_member_of_32_mb_is_not_too_large():
    content = bytes(32 * 2**20)
    packed = with_zlib("m", content).stored
    noise = bytes(len(content) // mpq.MAX_TIMES_PACKED - len(packed))

    assert Archive(archive(Member(name="m", stored=packed + noise, size=len(content)))).read("m") == content


@pytest.mark.parametrize("packed", [with_zlib, with_bz2, in_sectors])
def test_only_a_small_member_may_have_many_times_the_bytes_that_it_is_stored_in(packed):
    small = packed("small", bytes(mpq.ALWAYS_UNPACKED_BYTES))
    honest = packed("honest", random.Random(2).randbytes(mpq.ALWAYS_UNPACKED_BYTES + 1))
    bomb = packed("bomb", bytes(64 * len(small.stored) + mpq.ALWAYS_UNPACKED_BYTES + 1))

    opened = Archive(archive(small, honest, bomb))

    assert opened.read_prefix("small")[1] is None
    assert opened.read_prefix("honest")[1] is None
    if packed is not in_sectors:  # Sectors of 512 bytes never gain so much.
        content, fault = opened.read_prefix("bomb")
        assert (content, fault.reason) == (b"", "too_large")


def test_a_folder_a_missing_file_and_an_unreadable_one_each_have_their_reason(tmp_path):
    (tmp_path / "folder.SC2Replay").mkdir()
    locked = tmp_path / "locked.SC2Replay"
    locked.write_bytes(archive())

    def reason(name: str) -> str:
        with pytest.raises(CorruptReplayError) as raised:
            open_archive(tmp_path / name)
        return raised.value.reason

    assert reason("folder.SC2Replay") == "not_a_file"
    assert reason("gone.SC2Replay") == "vanished_file"
    if sys.platform != "win32" and os.geteuid() != 0:
        locked.chmod(0)
        assert reason("locked.SC2Replay") == "unreadable_file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.SC2Replay")

    with pytest.raises(CorruptReplayError) as raised:
        open_archive(tmp_path / "pipe.SC2Replay")

    assert raised.value.reason == "not_a_file"


SAMPLE = archive(
    with_zlib("replay.details", CONTENT),
    with_bz2("replay.tracker.events", CONTENT),
    in_sectors("replay.initData", CONTENT, has_checksums=True),
)


@settings(max_examples=300, deadline=2000)
@given(
    changes=st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), max_size=6),
    length=st.integers(0, len(SAMPLE)),
)
@example(changes=[(HEADER_AT + 14, 255)], length=len(SAMPLE))
def test_any_damage_gives_an_error_of_ours_or_bounded_bytes(changes, length):
    data = bytearray(SAMPLE)
    for place, value in changes:
        data[place] = value

    try:
        opened = Archive(bytes(data[:length]))
    except ReplayError:
        return
    for name in ("replay.details", "replay.tracker.events", "replay.initData"):
        if name in opened:
            prefix, fault = opened.read_prefix(name)
            assert len(prefix) <= mpq.MAX_MEMBER_BYTES
            assert fault is None or fault.reason


MEMBERS = ("replay.details", "replay.initData", "replay.tracker.events", "replay.gamemetadata.json")


@pytest.mark.slow
def test_every_member_of_every_real_replay_equals_mpyqs(shared_replays):
    mpyq = pytest.importorskip("mpyq")
    compared = 0
    for path in sorted(shared_replays.rglob("*")):
        if path.suffix.lower() != ".sc2replay":
            continue
        try:
            opened = open_archive(path)
        except ReplayError:
            continue
        theirs = mpyq.MPQArchive(str(path), listfile=False)
        with theirs.file:
            theirs_members = {name: theirs.read_file(name) for name in MEMBERS if name in opened}
        assert opened.header_block == theirs.header["user_data_header"]["content"]
        for name, content in theirs_members.items():
            assert opened.read(name) == content, (path.name, name)
        compared += len(theirs_members)
    assert compared > 500
