"""Names of a pack's members as people see them, in any encoding."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterable
from zipfile import ZipInfo

from sc2_pipeline.packs.paths import BORDER, PACK_SUFFIX, REPLAY_SUFFIX
from sc2_pipeline.storable import storable

_UNICODE_PATH = 0x7075
_RELATIVE_PARTS = ("", ".", "..")

IS_UTF8 = 0x800
"""Bit of a member's flags that says how its name is encoded, APPNOTE.TXT 4.4.4."""


def shown_names(infos: Iterable[ZipInfo]) -> dict[str, ZipInfo]:
    """Replays and packs by unique name: of members of the same name, the second is called ``name~2``."""
    names: dict[str, ZipInfo] = {}
    same: Counter[str] = Counter()
    for info in infos:
        name = unique = shown_name(info)
        # Finder writes a file of that folder beside each, with its icon and colour.
        if not name.lower().endswith((REPLAY_SUFFIX, PACK_SUFFIX)) or name.startswith("__MACOSX/"):
            continue
        while unique in names:
            same[name] += 1
            stem, dot, suffix = name.rpartition(".")
            unique = f"{stem}~{same[name] + 1}{dot}{suffix}"
        names[unique] = info
    return names


def shown_name(info: ZipInfo) -> str:
    """A member's name as part of a path: without empty and relative parts, backslashes, or ``!`` after ``.zip``; "" for
    a folder."""
    text = storable(_name_text(info)).replace("\\", "/")
    if text.endswith("/"):
        return ""
    return BORDER.sub("_", "/".join(part for part in text.split("/") if part not in _RELATIVE_PARTS))


def _name_text(info: ZipInfo) -> str:
    # zipfile reads names without the UTF-8 flag as cp437, as the format says, which has a character for every byte.
    if info.flag_bits & IS_UTF8:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437")
    try:
        return (_unicode_path(info.extra, raw) or raw).decode()
    except UnicodeDecodeError:
        return info.orig_filename


def _unicode_path(extra: bytes, raw: bytes) -> bytes | None:
    """The name in UTF-8 that Info-ZIP and WinRAR add (extra field 7075 of APPNOTE.TXT 4.6.9), if it is that of ``raw``."""
    at = 0
    while at + 9 <= len(extra):
        kind, size, version, checksum = struct.unpack_from("<HHBI", extra, at)
        if kind == _UNICODE_PATH and version == 1 and checksum == zlib.crc32(raw):
            return extra[at + 9 : at + 4 + size]
        at += 4 + size
    return None
