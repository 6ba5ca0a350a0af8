import hashlib
import os

import pytest

from sc2_pipeline.steps.discover import identify, replay_paths, shown_path


def _file(path, content=b"bytes"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_replays_are_found_in_folders_of_any_depth_and_case_of_ending(tmp_path):
    wanted = [_file(tmp_path / "a.SC2Replay"), _file(tmp_path / "b" / "c" / "d.sc2replay")]
    _file(tmp_path / "notes.txt")

    assert list(replay_paths([tmp_path])) == wanted


def test_a_file_named_twice_is_one_path(tmp_path):
    path = _file(tmp_path / "a.SC2Replay")

    assert list(replay_paths([tmp_path, path, tmp_path])) == [path]


def test_a_file_given_by_name_needs_no_ending(tmp_path):
    path = _file(tmp_path / "download")

    assert list(replay_paths([path])) == [path]


def test_the_id_is_the_first_16_hex_digits_of_the_sha256(tmp_path):
    found = identify(_file(tmp_path / "a.SC2Replay"), {})

    assert found.sha256 == hashlib.sha256(b"bytes").hexdigest()
    assert found.replay_id == found.sha256[:16]


def test_an_unchanged_file_is_not_read_again(tmp_path):
    path = _file(tmp_path / "a.SC2Replay")
    first = identify(path, {})
    known = {shown_path(path): ("f" * 64, first.file_bytes, first.modified_ns)}

    assert identify(path, known).sha256 == "f" * 64


def test_a_file_with_another_time_is_read_again(tmp_path):
    path = _file(tmp_path / "a.SC2Replay")
    known = {shown_path(path): ("f" * 64, 5, 1)}

    assert identify(path, known).sha256 == hashlib.sha256(b"bytes").hexdigest()


@pytest.mark.skipif(os.name == "nt", reason="Windows tells no time at which an entry changed")
def test_other_bytes_of_the_same_size_and_time_are_read(tmp_path):
    path = _file(tmp_path / "a.SC2Replay")
    first, before = identify(path, {}), path.stat()
    path.write_bytes(b"seven"[: before.st_size])
    while path.stat().st_ctime_ns == before.st_ctime_ns:  # The clock of a file system ticks some 250 times a second.
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    found = identify(path, {shown_path(path): (first.sha256, first.file_bytes, first.modified_ns)})

    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert found.sha256 == hashlib.sha256(b"seven").hexdigest()


def test_a_folder_named_like_a_replay_is_refused_and_its_files_found(tmp_path):
    inner = _file(tmp_path / "folder.SC2Replay" / "a.SC2Replay")

    found = [identify(path, {}) for path in replay_paths([tmp_path])]

    assert [(file.path, file.reason) for file in found] == [(inner.parent, "not_a_file"), (inner, None)]


def test_a_link_to_nothing_is_refused(tmp_path):
    link = tmp_path / "a.SC2Replay"
    link.symlink_to(tmp_path / "gone")

    assert identify(link, {}).reason == "vanished_file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "a.SC2Replay")

    assert identify(tmp_path / "a.SC2Replay", {}).reason == "not_a_file"


def test_a_file_larger_than_any_replay_is_not_read(tmp_path):
    path = tmp_path / "a.SC2Replay"
    with path.open("wb") as file:
        file.truncate(65 * 1024 * 1024)

    assert identify(path, {}).reason == "too_large"


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_file_without_permission_says_so(tmp_path, monkeypatch):
    path = _file(tmp_path / "a.SC2Replay")
    path.chmod(0)
    if os.geteuid() == 0:
        # The superuser reads everything; the refusal itself is what is looked at here.
        monkeypatch.setattr("pathlib.Path.open", _refuse)

    found = identify(path, {})

    assert (found.reason, found.sha256) == ("unreadable_file", None)
    assert "Permission denied" in found.detail


def _refuse(*_, **__):
    raise PermissionError(13, "Permission denied")


@pytest.mark.skipif(os.name == "nt", reason="Windows file names are always text")
def test_a_name_that_is_no_utf8_can_be_shown_and_read(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff\xfe.SC2Replay")
    _file(path)

    [found] = [identify(path, {}) for path in replay_paths([tmp_path])]

    assert found.sha256 is not None
    assert found.shown_path.endswith("\\xff\\xfe.SC2Replay")
