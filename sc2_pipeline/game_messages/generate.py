"""Generates s2client_proto.binpb, the API's file descriptors, from the official s2clientprotocol wheel.

Run it by hand when a newer client has new messages::

    python -m sc2_pipeline.game_messages.generate s2clientprotocol-VERSION.whl

The wheel's modules contain the descriptors as literals. They are parsed and not imported, since they do not load with a
current protobuf.
"""

import ast
import re
import sys
import zipfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from sc2_pipeline.game_messages import DESCRIPTORS

_LITERAL = re.compile(r"serialized_pb=_b\(('(?:[^'\\]|\\.)*')\)")


def official_descriptors(wheel: Path) -> dict[str, bytes]:
    """Serialized file descriptors in a wheel of s2clientprotocol, by module name, such as ``raw_pb2``."""
    with zipfile.ZipFile(wheel) as archive:
        texts = {
            Path(name).stem: archive.read(name).decode() for name in archive.namelist() if name.endswith("_pb2.py")
        }
    found = {name: _LITERAL.search(text) for name, text in texts.items()}
    return {name: ast.literal_eval(literal[1]).encode("latin-1") for name, literal in found.items() if literal}


def descriptor_set(files: dict[str, bytes]) -> bytes:
    """The descriptors as one serialized set, in import order."""
    waiting = {proto.name: proto for proto in map(FileDescriptorProto.FromString, files.values())}
    ordered: list[FileDescriptorProto] = []
    while waiting:
        for name in [name for name, proto in waiting.items() if not waiting.keys() & set(proto.dependency)]:
            ordered.append(waiting.pop(name))
    return FileDescriptorSet(file=ordered).SerializeToString(deterministic=True)


if __name__ == "__main__":
    DESCRIPTORS.write_bytes(descriptor_set(official_descriptors(Path(sys.argv[1]))))
