"""Archives are read back by mpyq and by our own reader, in every layout."""

import hashlib
import io
import itertools
import os

import mpyq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline_demo.synthetic.encoding.mpq_writer import SECTOR_BYTES, USER_DATA_BYTES, ArchiveLayout, archive_bytes

LAYOUTS = [
    ArchiveLayout(
        compression=compression, is_single_unit=single, has_sector_checksums=checksums, format_version=version
    )
    for compression, (single, checksums), version in itertools.product(
        ("bz2", "zlib"), ((True, False), (False, False), (False, True)), (0, 1, 3)
    )
] + [ArchiveLayout(compression="none")]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_layout_is_read_by_mpyq_and_by_our_reader(layout):
    members = {
        "small": b"hello",
        "repetitive": b"x" * 100_000,
        "incompressible": os.urandom(40_000),
        "whole sectors": b"y" * (2 * SECTOR_BYTES),
        "just over a sector": b"z" * (SECTOR_BYTES + 1),
    }

    archive = archive_bytes(members, user_data=b"header", layout=layout)

    theirs, ours = mpyq.MPQArchive(io.BytesIO(archive)), Archive(archive)
    assert {name: theirs.read_file(name) for name in members} == members
    assert {name: ours.read(name) for name in members} == members
    assert theirs.files == [name.encode() for name in members]
    assert theirs.header["user_data_header"]["content"] == ours.header_block == b"header"


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text("abcdefghij.", min_size=1, max_size=12), st.binary(max_size=3 * SECTOR_BYTES), min_size=1, max_size=40
    ),
    st.sampled_from(LAYOUTS),
)
def test_whatever_is_put_in_comes_out(members, layout):
    archive = archive_bytes(members, layout=layout)

    theirs, ours = mpyq.MPQArchive(io.BytesIO(archive)), Archive(archive)
    assert {name: theirs.read_file(name) or b"" for name in members} == members
    assert {name: ours.read(name) for name in members} == members


def test_members_in_sectors_are_really_in_sectors():
    in_one = archive_bytes({"a": b"x" * 50_000}, layout=ArchiveLayout())
    in_sectors = archive_bytes({"a": b"x" * 50_000}, layout=ArchiveLayout(is_single_unit=False))

    flags = [mpyq.MPQArchive(io.BytesIO(archive)).block_table[0].flags for archive in (in_one, in_sectors)]

    assert [bool(flag & mpyq.MPQ_FILE_SINGLE_UNIT) for flag in flags] == [True, False]


def test_an_archive_without_a_listfile_is_read_by_name():
    archive = archive_bytes({"replay.details": b"d"}, layout=ArchiveLayout(has_listfile=False))

    assert mpyq.MPQArchive(io.BytesIO(archive), listfile=False).read_file("replay.details") == b"d"
    assert "(listfile)" not in Archive(archive)


def test_the_same_members_give_the_same_bytes_on_every_python():
    archive = archive_bytes({"a": b"x" * 100_000, "b": bytes(range(256)) * 300}, user_data=b"u")

    assert hashlib.sha256(archive).hexdigest() == ("79f60090594e44d3fcb3206e9c32bc3393a33a2ac651719b442c43e267d4dd16")


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: archive_bytes({"a": b"", "A": b""}), "share a name"),
        (lambda: archive_bytes({}, user_data=bytes(USER_DATA_BYTES + 1)), "does not fit"),
        (lambda: ArchiveLayout(has_sector_checksums=True), "need sectors"),
        (lambda: ArchiveLayout(format_version=2), "format version 2"),
        (lambda: ArchiveLayout(compression="none", is_single_unit=False), "no table of sectors"),
    ],
)
def test_what_no_archive_can_hold_is_refused(attempt, message):
    with pytest.raises(ValueError, match=message):
        attempt()
