"""Protobuf classes of the game's messages, reduced to chosen fields and relaxed so that no value is lost or refused.

Enums become int32, since protobuf would hide a value unknown to this release. Strings become bytes, since text may not
be UTF-8. A path that ends at a message makes it bytes: only its presence counts. The wire format is the same.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

_PACKAGE = "sc2_pipeline"
_Type = descriptor_pb2.FieldDescriptorProto

Paths = frozenset[str]


def loose_class(official: Descriptor, paths: Iterable[str] | None = None) -> Any:
    """Message class with the fields at ``paths`` (dotted, from ``official``), or with all fields if None."""
    return _loose_class(official, None if paths is None else frozenset(paths))


@cache
def _loose_class(official: Descriptor, paths: Paths | None) -> Any:
    messages: dict[str, descriptor_pb2.DescriptorProto] = {}
    _add(messages, official, None if paths is None else [path.split(".") for path in sorted(paths)])
    file = descriptor_pb2.FileDescriptorProto(name="loose.proto", package=_PACKAGE, syntax="proto2")
    file.message_type.extend(messages.values())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{_name(official)}"))


def _name(official: Descriptor) -> str:
    return str(official.full_name).replace(".", "_")


def _add(
    messages: dict[str, descriptor_pb2.DescriptorProto], official: Descriptor, paths: list[list[str]] | None
) -> None:
    """Adds a message with the wanted fields, merged with those that other paths want of the same type."""
    name = _name(official)
    if paths is None and name in messages:
        return
    message = messages.setdefault(name, descriptor_pb2.DescriptorProto(name=name))
    for field in official.fields:
        below = None if paths is None else [path[1:] for path in paths if path[0] == field.name]
        if below == []:
            continue
        inner = field.message_type if below is None or any(below) else None
        if all(known.name != field.name for known in message.field):
            message.field.append(_loose_field(field, inner))
        if inner is not None:
            _add(messages, inner, None if below is None else [path for path in below if path])


def _loose_field(field: FieldDescriptor, inner: Descriptor | None) -> descriptor_pb2.FieldDescriptorProto:
    loose = descriptor_pb2.FieldDescriptorProto(name=field.name, number=field.number)
    loose.label = _Type.LABEL_REPEATED if field.is_repeated else _Type.LABEL_OPTIONAL
    if inner is not None:
        loose.type = _Type.TYPE_MESSAGE
        loose.type_name = f".{_PACKAGE}.{_name(inner)}"
    elif field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_MESSAGE):
        loose.type = _Type.TYPE_BYTES
    elif field.type == FieldDescriptor.TYPE_ENUM:
        loose.type = _Type.TYPE_INT32
    else:
        loose.type = _Type.Type.ValueType(field.type)
    return loose
