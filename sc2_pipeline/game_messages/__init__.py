"""Protobuf message classes of the game's API, equivalent to generated code.

The generated classes of the official ``s2clientprotocol`` are for protobuf 3 and cannot be imported with the protobuf
version that Dagster needs. Its descriptors (Blizzard's, MIT) are included here, and the classes are created from them
in a separate descriptor pool. pysc2 imports them by their official names: call :func:`register_as_s2clientprotocol`
first.
"""

import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal import builder

if TYPE_CHECKING:
    from s2clientprotocol import (
        common_pb2,
        data_pb2,
        debug_pb2,
        error_pb2,
        query_pb2,
        raw_pb2,
        sc2api_pb2,
        score_pb2,
        spatial_pb2,
        ui_pb2,
    )

DESCRIPTORS = Path(__file__).with_name("s2client_proto.binpb")
"""The file descriptors of s2clientprotocol 5.0.17; :mod:`sc2_pipeline.game_messages.generate` makes them."""

_OFFICIAL = "s2clientprotocol"


def _module(pool: DescriptorPool, file: FileDescriptorProto) -> ModuleType:
    """The equivalent of the generated module of that file."""
    name = f"{_OFFICIAL}.{Path(file.name).stem}_pb2"
    pool.AddSerializedFile(file.SerializeToString())
    module = module_from_spec(ModuleSpec(name, None))
    names = vars(module)
    names["DESCRIPTOR"] = descriptor = pool.FindFileByName(file.name)
    builder.BuildMessageAndEnumDescriptors(descriptor, names)
    builder.BuildTopDescriptorsAndMessages(descriptor, name, names)
    return module


def _modules() -> dict[str, ModuleType]:
    pool = DescriptorPool()
    files = FileDescriptorSet.FromString(DESCRIPTORS.read_bytes()).file
    made = [_module(pool, file) for file in files]
    return {module.__name__.rpartition(".")[2]: module for module in made}


def register_as_s2clientprotocol() -> None:
    """Registers the modules under the official package's names, whether it is installed or not."""
    package = module_from_spec(ModuleSpec(_OFFICIAL, None, is_package=True))
    sys.modules[_OFFICIAL] = package
    for name, module in _MODULES.items():
        setattr(package, name, module)
        sys.modules[module.__name__] = module


_MODULES = _modules()
globals().update(_MODULES)

__all__ = [
    "DESCRIPTORS",
    "common_pb2",
    "data_pb2",
    "debug_pb2",
    "error_pb2",
    "query_pb2",
    "raw_pb2",
    "register_as_s2clientprotocol",
    "sc2api_pb2",
    "score_pb2",
    "spatial_pb2",
    "ui_pb2",
]
