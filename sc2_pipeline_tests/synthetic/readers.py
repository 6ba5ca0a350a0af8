"""Reads replays with the tools people use: mpyq and s2protocol."""

import io
import sys
from typing import Any

import mpyq
import pytest

from sc2_pipeline.replay_format.protocols import Protocol, protocol

needs_s2protocol = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="s2protocol needs the module imp, which Python 3.12 dropped"
)


def s2protocol_module(base_build: int) -> Any:
    """s2protocol's decoder of that build. Only for tests marked ``needs_s2protocol``."""
    from s2protocol import versions

    return versions.build(base_build)


def archive_of(replay: bytes) -> mpyq.MPQArchive:
    """The replay as mpyq sees it."""
    return mpyq.MPQArchive(io.BytesIO(replay))


def header_content(archive: mpyq.MPQArchive) -> bytes:
    """The header's bytes, from the user-data block."""
    content: bytes = archive.header["user_data_header"]["content"]
    return content


def plain(events: Any) -> list[dict[str, Any]]:
    """Decoded events with short names and without what depends on the encoding."""
    return [
        {key: value for key, value in event.items() if key not in {"_bits", "_eventid", "_event"}}
        | {"_event": event["_event"].rpartition(".")[2]}
        for event in events
    ]


def typeid_of(known: Protocol, field: str) -> int:
    """The type of a field somewhere in a protocol's structs."""
    for kind, arguments in known.typeinfos:
        if kind == "_struct":
            for name, typeid, _ in arguments[0]:
                if name == field:
                    return int(typeid)
    raise LookupError(field)


__all__ = ["archive_of", "header_content", "needs_s2protocol", "plain", "protocol", "s2protocol_module", "typeid_of"]
