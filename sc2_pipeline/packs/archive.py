"""ZIP archives as packs: which replays are in one, and the bytes of each, bounded."""

import io
import os
import stat
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.machine_faults import is_out_of_files
from sc2_pipeline.packs.names import shown_name, shown_names
from sc2_pipeline.packs.paths import PACK_SUFFIX, REPLAY_SUFFIX, file_name, split_path

MAX_REPLAY_BYTES = 64 * 2**20
"""Far above any real replay: the largest seen holds a 13.5 MB tracker stream in less than 4 MB."""

MAX_INNER_PACK_BYTES = 128 * 2**20
"""A pack in a pack is read into memory as a whole."""

MAX_MEMBERS = 200_000
"""Replays in a pack and the packs inside it."""

MAX_DIRECTORY_BYTES = 32 * 2**20
"""Of the ZIP's list of members, which is read as a whole before anything can be counted: 160 bytes a member, of names with
hashes in them. Of members with empty names it has 700,000."""

MAX_TIMES_PACKED = 64
"""Largest ratio of uncompressed to stored bytes, of a member and of a whole pack; replays hardly compress at all."""

ALWAYS_UNPACKED_BYTES = 2**20
"""Uncompressed bytes that are allowed whatever the ratio."""

_KEPT_BYTES = 256 * 2**20
"""Memory that opened packs may take between visits, estimated."""

_BYTES_PER_MEMBER = 1_000
_READ_BYTES = 2**20
_IS_ENCRYPTED, _IS_PATCH, _IS_STRONG = 0x1, 0x20, 0x40
"""Bits of a member's flags, APPNOTE.TXT 4.4.4."""

_AES = 99
_LAST_NS = 2**63 - 1
"""In the year 2262; file systems allow later times, SQLite's integers do not."""

PACK_REASONS = frozenset({"missing_password", "wrong_password", "damaged_pack", "unsupported_pack", "oversized_pack"})
"""Reason codes of packs: faults that another password, or another copy of the pack, cures."""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """Size of a file or member, and when the file, or the pack around the member, last changed."""

    file_bytes: int
    modified_ns: int


def replays_in(pack: Path, password: str | None) -> list[Path]:
    """Paths of the replays in a pack and in the packs inside it. An inner pack that cannot be opened is listed itself.

    Raises ReplayError if the pack cannot be opened or has too many members.
    """
    with _opened(pack, password) as opened:
        names = list(opened.members)
    paths: list[Path] = []
    for name in names:
        path = Path(f"{pack}!{name}")
        paths += [path] if name.lower().endswith(REPLAY_SUFFIX) else _replays_in_inner(path, password)
        if len(paths) > MAX_MEMBERS:
            raise ReplayError("oversized_pack", f"{file_name(pack)} has more than {MAX_MEMBERS:,} replays; divide it")
    return paths


def _replays_in_inner(pack: Path, password: str | None) -> list[Path]:
    try:
        return replays_in(pack, password)
    except ReplayError:
        return [pack]


def file_stamp(path: Path, password: str | None) -> FileStamp:
    """Of a replay's file or of the member of a pack; reads no replay.

    The time is the later of modification and inode change: a file can be replaced by one with the same size and
    modification time, but its inode change time cannot be set (on Windows it is the creation time). Raises ReplayError.
    """
    if (inside := split_path(path)) is None:
        status = _regular(path)
        if status.st_size > MAX_REPLAY_BYTES:
            raise ReplayError("too_large", f"{path.name} has {status.st_size} bytes (limit {MAX_REPLAY_BYTES})")
        return _stamp(status)
    pack, name = inside
    with _opened(pack, password) as opened:
        return FileStamp(opened.member(name).file_size, opened.stamp.modified_ns)


def read_bytes(path: Path, password: str | None) -> bytes:
    """The bytes of a file or of a member of a pack.

    Raises ReplayError: vanished_file, unreadable_file, and for packs too_large, missing_password, wrong_password,
    damaged_pack, unsupported_pack, oversized_pack; an OSError if the machine is out of open files.
    """
    if (inside := split_path(path)) is not None:
        pack, name = inside
        with _opened(pack, password) as opened:
            return opened.read(name, password)
    try:
        return path.read_bytes()
    except OSError as error:
        _refuse(path, error)


class _Visited(io.RawIOBase):
    """The file under a kept ``ZipFile``: opened for each visit, so that nobody is kept from moving the pack between."""

    def __init__(self) -> None:
        self.file: IO[bytes] = io.BytesIO()

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.file.tell()

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset < 0:
            raise BadZipFile("a position before the file's beginning")
        return self.file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise ReplayError("oversized_pack", f"the pack's list of members has {size:,} bytes; divide the pack")
        return self.file.read(size)


class _Pack:
    """An opened pack; ``members`` are its replays and packs by shown name, ``content`` the bytes of an inner pack."""

    def __init__(self, path: Path, stamp: FileStamp, file: IO[bytes], *, content: io.BytesIO | None = None) -> None:
        self._path, self.stamp, self.content, self._visited = path, stamp, content, _Visited()
        with self.visited(file), self._faults(file_name(path)):
            self._zip = ZipFile(self._visited)
            self.members = shown_names(self._zip.infolist())
        self.kept_bytes = _BYTES_PER_MEMBER * len(self._zip.infolist()) + (stamp.file_bytes if content else 0)
        size, limit = sum(info.file_size for info in self.members.values()), _unpacked_limit(stamp.file_bytes)
        if len(self.members) > MAX_MEMBERS or size > limit:
            found = f"{len(self.members):,} members (limit {MAX_MEMBERS:,}) of {size:,} bytes (limit {limit:,})"
            raise ReplayError("oversized_pack", f"{file_name(path)} has {found}; if they are replays, divide it")

    @contextmanager
    def visited(self, file: IO[bytes]) -> Iterator["_Pack"]:
        """Reads from ``file`` while the context is open."""
        self._visited.file = file
        try:
            yield self
        finally:
            self._visited.file = io.BytesIO()

    def member(self, name: str) -> ZipInfo:
        """A member by its shown name; raises ReplayError vanished_file."""
        if name not in self.members:
            raise ReplayError("vanished_file", f"{file_name(self._path)} has no {name} any more")
        return self.members[name]

    def read(self, name: str, password: str | None) -> bytes:
        """The bytes of a member; raises ReplayError as :func:`read_bytes`."""
        info, said = self.member(name), f"{name} in {file_name(self._path)}"
        self._refuse_large(info, said)
        _refuse_unsupported(info, said)
        is_encrypted = bool(info.flag_bits & _IS_ENCRYPTED)
        if is_encrypted and not password:
            raise ReplayError("missing_password", f"{said} is encrypted; give --pack-password")
        secret = password.encode() if password and is_encrypted else None
        step = min(_READ_BYTES, info.file_size) or 1
        with self._faults(said, is_encrypted=is_encrypted), self._zip.open(info, pwd=secret) as file:
            data = b"".join(iter(lambda: file.read(step), b""))
            if len(data) != info.file_size:
                raise BadZipFile(f"{len(data)} bytes instead of {info.file_size}")
        return data

    def _refuse_large(self, info: ZipInfo, said: str) -> None:
        of_kind = MAX_INNER_PACK_BYTES if shown_name(info).lower().endswith(PACK_SUFFIX) else MAX_REPLAY_BYTES
        limit = min(of_kind, _unpacked_limit(min(info.compress_size, self.stamp.file_bytes)))
        if info.file_size > limit:
            sentence = f"{said}: {info.file_size} bytes (limit {limit}, as it is stored in {info.compress_size})"
            raise ReplayError("too_large", sentence)

    @contextmanager
    def _faults(self, said: str, *, is_encrypted: bool = False) -> Iterator[None]:
        """Raises what ``zipfile`` and ``zlib`` raise for a broken ZIP as ReplayError."""
        try:
            yield
        except OSError as error:
            _refuse(self._path, error)
        except (
            BadZipFile,
            zlib.error,
            RuntimeError,
            ValueError,
            LookupError,
            EOFError,
            ArithmeticError,
            struct.error,
        ) as error:
            if is_encrypted:
                # Only one byte is checked first: one wrong password in 256 shows in what comes out.
                sentence = f"{said} does not open with the password given, or is damaged"
                raise ReplayError("wrong_password", sentence) from error
            raise ReplayError("damaged_pack", f"{said} is damaged ({error}); get the pack again") from error


def _unpacked_limit(packed_bytes: int) -> int:
    return max(ALWAYS_UNPACKED_BYTES, MAX_TIMES_PACKED * packed_bytes)


def _refuse_unsupported(info: ZipInfo, said: str) -> None:
    if info.compress_type == _AES or info.flag_bits & _IS_STRONG:
        what = "is encrypted by AES or another method than ZipCrypto"
    elif info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or info.flag_bits & _IS_PATCH:
        what = f"is compressed by method {info.compress_type}, not by Deflate"
    else:
        return
    raise ReplayError("unsupported_pack", f"{said} {what}; unpack it, or make a ZIP that is not")


_kept: dict[Path, _Pack] = {}
"""Packs opened before, the last one at the end: listing the members of a large pack takes a second."""

_turn = threading.RLock()
"""Dagster's sensors share a process."""


@contextmanager
def _opened(path: Path, password: str | None) -> Iterator[_Pack]:
    inside = split_path(path)
    with _turn:
        if inside is not None:
            pack = _inner_pack(path, *inside, password)
            with pack.visited(pack.content or io.BytesIO()):
                yield pack
            return
        with _open_file(path) as file:
            stamp = _stamp(os.fstat(file.fileno()))
            pack = _keep(path, _kept_pack(path, stamp) or _Pack(path, stamp, file))
            with pack.visited(file):
                yield pack


def _inner_pack(path: Path, outer: Path, name: str, password: str | None) -> _Pack:
    if split_path(outer) is not None:
        raise ReplayError("unsupported_pack", f"{name} is a ZIP in a ZIP in a ZIP; unpack the outermost")
    with _opened(outer, password) as around:
        stamp = FileStamp(around.member(name).file_size, around.stamp.modified_ns)
        pack = _kept_pack(path, stamp)
        if pack is None:
            content = io.BytesIO(around.read(name, password))
            pack = _Pack(path, stamp, content, content=content)
    return _keep(path, pack)


def _kept_pack(path: Path, stamp: FileStamp) -> _Pack | None:
    pack = _kept.get(path)
    return pack if pack is not None and pack.stamp == stamp else None


def _keep(path: Path, pack: _Pack) -> _Pack:
    _kept.pop(path, None)
    _kept[path] = pack
    while len(_kept) > 1 and sum(kept.kept_bytes for kept in _kept.values()) > _KEPT_BYTES:
        _kept.pop(next(iter(_kept)))
    return pack


def _open_file(path: Path) -> IO[bytes]:
    _regular(path)
    try:
        return path.open("rb")
    except OSError as error:
        _refuse(path, error)


def _regular(path: Path) -> os.stat_result:
    try:
        status = path.stat()
    except OSError as error:
        _refuse(path, error)
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise ReplayError("not_a_file", f"{path.name} is {kind}")
    return status


def _stamp(status: os.stat_result) -> FileStamp:
    return FileStamp(status.st_size, min(max(status.st_mtime_ns, status.st_ctime_ns), _LAST_NS))


def _refuse(path: Path, error: OSError) -> NoReturn:
    name = file_name(path)
    if is_out_of_files(error):
        raise error
    if isinstance(error, FileNotFoundError):
        raise ReplayError("vanished_file", f"{name} is not there, or is a link to nothing") from error
    raise ReplayError("unreadable_file", f"{name} cannot be read ({error.strerror}); give this user the right to")
