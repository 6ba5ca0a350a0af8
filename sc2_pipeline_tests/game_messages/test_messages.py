"""The messages that are made here against those of the official package, whose modules don't load beside this protobuf."""

import ast
import importlib.metadata
import re
import subprocess
import sys

import pytest
from google.protobuf import descriptor_pb2

from sc2_pipeline import game_messages

MODULES = [name for name in game_messages.__all__ if name.endswith("_pb2")]


def official_descriptor(module: str) -> descriptor_pb2.FileDescriptorProto:
    """What the installed official module would make its messages from, read without importing it."""
    file = importlib.metadata.distribution("s2clientprotocol").locate_file(f"s2clientprotocol/{module}.py")
    literal = re.search(r"serialized_pb=_b\((.*)\)\n", file.read_text(encoding="utf-8"))[1]
    return descriptor_pb2.FileDescriptorProto.FromString(ast.literal_eval(literal).encode("latin-1"))


@pytest.mark.parametrize("module", MODULES)
def test_every_message_and_enum_is_the_official_one(module):
    made = descriptor_pb2.FileDescriptorProto()
    getattr(game_messages, module).DESCRIPTOR.CopyToProto(made)

    assert made == official_descriptor(module)


def test_every_message_and_enum_value_stands_in_its_module():
    for module in MODULES:
        made = getattr(game_messages, module)
        official = official_descriptor(module)
        values = [value.name for enum in official.enum_type for value in enum.value]

        assert all(hasattr(made, name) for name in [*values, *(m.name for m in official.message_type)])


def test_pysc2_finds_these_messages_under_the_official_names():
    program = (
        "import sc2_pipeline.game_messages as ours; from sc2_pipeline.sc2_client.installs import run_config; run_config();"
        "from pysc2.lib import protocol; assert protocol.sc_pb is ours.sc2api_pb2"
    )

    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (result.returncode, result.stderr) == (0, "")
