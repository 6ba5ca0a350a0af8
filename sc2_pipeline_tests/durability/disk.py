"""What a power cut leaves of a folder, worked out from the record of what was done to it.

The model is POSIX's, which promises less than most file systems keep: a file's bytes last once the file was synced, a name
(made, renamed, removed) lasts once its folder was. Of names, a folder has as they were after some operation since its last
sync, for every file system in use keeps their order; of bytes any part may be there.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sc2_pipeline_tests.durability.programs import Operation

Names = dict[str, "File | Folder"]


@dataclass(slots=True)
class File:
    """A file as programs see it, as it was when it was last synced, and what was done to it since."""

    content: bytearray = field(default_factory=bytearray)
    synced: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def change(self, at: int, data: bytes | None) -> None:
        """Writes ``data``, or cuts the file off where it is None."""
        _change(self.content, at, data)
        self.since.append((at, data))

    def sync(self) -> None:
        """Makes what was written last."""
        self.synced = bytes(self.content)
        self.since.clear()


@dataclass(slots=True)
class Folder:
    """A folder: its names as they were when it was last synced and after every operation since; the last are in force."""

    versions: list[Names] = field(default_factory=lambda: [{}])

    @property
    def names(self) -> Names:
        """As programs see them."""
        return self.versions[-1]

    def sync(self) -> None:
        """Makes the names last."""
        del self.versions[:-1]

    def change(self, name: str, node: "File | Folder | None") -> None:
        """Sets a name, or takes it away where ``node`` is None."""
        names = {**self.names}
        names.pop(name, None)
        self.versions.append(names if node is None else {**names, name: node})


def _change(content: bytearray, at: int, data: bytes | None) -> None:
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    if data is None:
        del content[at:]
    else:
        content[at : at + len(data)] = data


class Disk:
    """A folder in memory, on which recorded operations are done again."""

    def __init__(self, root: Path) -> None:
        """Begins with what ``root`` holds, all of it synced; with an empty folder where there is none."""
        self._root = _read(root) if root.exists() else Folder()

    def replay(self, operations: Iterable[Operation]) -> None:
        """Does the operations again, in their order."""
        for operation in operations:
            self._replay(operation)

    def _replay(self, operation: Operation) -> None:
        # The root itself is taken to be there: a home of which nothing is left is an empty one.
        if operation.path == "":
            if operation.kind == "sync":
                self._root.sync()
            return
        folder, name = self._place(operation.path)
        match operation.kind:
            case "mkdir":
                folder.change(name, Folder())
            case "create":
                folder.change(name, File())
            case "remove":
                folder.change(name, None)
            case "rename":
                node = folder.names[name]
                folder.change(name, None)
                other, new_name = self._place(operation.other)
                if other is folder:
                    # One operation: both names change or none does.
                    folder.versions[-1] = {**folder.names, new_name: node}
                else:
                    other.change(new_name, node)
            case "link":
                other, new_name = self._place(operation.other)
                other.change(new_name, folder.names[name])
            case "sync":
                folder.names[name].sync()
            case "write" | "truncate":
                file = folder.names[name]
                assert isinstance(file, File)
                file.change(operation.at, operation.data if operation.kind == "write" else None)

    def _place(self, path: str) -> tuple[Folder, str]:
        *parents, name = PurePosixPath(path).parts
        folder = self._root
        for parent in parents:
            node = folder.names[parent]
            assert isinstance(node, Folder)
            folder = node
        return folder, name

    def left(self, leave: "Leave") -> dict[str, bytes | None]:
        """What a power cut leaves, by path: a file's bytes, None for a folder."""
        return dict(_left(self._root, "", leave))


@dataclass(frozen=True, slots=True)
class Leave:
    """What a power cut leaves of a file's bytes and of a folder's names."""

    content: Callable[[File], bytes]
    names: Callable[[Folder], Names]


def _torn(chance: random.Random) -> Leave:
    """Of every file some writes and not others, of every folder the names of some moment since its last sync."""

    def content(file: File) -> bytes:
        left = bytearray(file.synced)
        for at, data in file.since:
            if chance.random() < 0.5:
                _change(left, at, data)
        return bytes(left)

    return Leave(content, lambda folder: chance.choice(folder.versions))


NO_CUT = Leave(lambda file: bytes(file.content), lambda folder: folder.names)
"""All is there, as programs see it."""


def power_cuts(seed: int) -> dict[str, Leave]:
    """Kinds of power cuts, by name."""
    return {
        "names stay, bytes are lost": Leave(lambda file: file.synced, lambda folder: folder.names),
        "all that was not synced is lost": Leave(lambda file: file.synced, lambda folder: folder.versions[0]),
        "bytes stay, names are lost": Leave(lambda file: bytes(file.content), lambda folder: folder.versions[0]),
        "torn": _torn(random.Random(seed)),
    }


def _read(root: Path) -> Folder:
    names: Names = {}
    for path in root.iterdir():
        if path.is_dir():
            names[path.name] = _read(path)
        else:
            content = path.read_bytes()
            names[path.name] = File(content=bytearray(content), synced=content)
    return Folder(versions=[names])


def _left(folder: Folder, prefix: str, leave: Leave) -> Iterator[tuple[str, bytes | None]]:
    for name, node in leave.names(folder).items():
        if isinstance(node, Folder):
            yield prefix + name, None
            yield from _left(node, f"{prefix}{name}/", leave)
        else:
            yield prefix + name, leave.content(node)


def write_files(left: Mapping[str, bytes | None], target: Path) -> None:
    """Writes files and folders, as :meth:`Disk.left` gives them, to a new folder."""
    target.mkdir()
    for path, content in left.items():
        if content is None:
            (target / path).mkdir()
        else:
            (target / path).write_bytes(content)
