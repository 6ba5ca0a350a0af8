"""Replays with one thing in them that no game writes, in every layer of the file; the same seed gives the same files.

Around a changed inner layer the archive is written anew, so that the change reaches its decoder.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format.versioned import Cursor, WireError
from sc2_pipeline_demo.synthetic import ArchiveLayout
from sc2_pipeline_tests.hostile.packed_values import event_spans, lied_event, lied_initdata
from sc2_pipeline_tests.hostile.parts import (
    DETAILS,
    GAME,
    INITDATA,
    MESSAGES,
    METADATA,
    SECTORS,
    TRACKER,
    Parts,
    with_archive_field,
    with_member_size,
    with_sector_offset,
    with_table_word,
)
from sc2_pipeline_tests.hostile.values import hostile_json, hostile_number
from sc2_pipeline_tests.hostile.versioned_nodes import change, parsed

_TRIES = 50


@dataclass(frozen=True)
class Mutation:
    """A file that was a good replay. ``layer`` is what was changed in it."""

    name: str
    layer: str
    content: bytes


def mutations(bases: Sequence[Parts], count: int, *, seed: int, bomb_bytes: int = 2**20) -> Iterator[Mutation]:
    """``count`` files, layer after layer over the ``bases``; content that unpacks to too much has ``bomb_bytes``."""
    rng = Random(seed)
    for number in range(count):
        layer = LAYERS[number % len(LAYERS)]
        content, what = _changed(rng, layer, bases, bomb_bytes)
        yield Mutation(name=f"{number:05d}-{layer}-{what}.SC2Replay", layer=layer, content=content)


def _changed(rng: Random, layer: str, bases: Sequence[Parts], bomb_bytes: int) -> tuple[bytes, str]:
    for _ in range(_TRIES):
        parts = rng.choice(bases)
        try:
            content, what = _CHANGES[layer](rng, parts, bomb_bytes)
        except (
            ValueError,
            KeyError,
            ReplayError,
            WireError,
        ):  # The base lacks what was to be changed, or nothing can be written so.
            continue
        return content, what
    raise AssertionError(f"none of {len(bases)} replays can be changed in {layer}")


def _file(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    data = bytearray(parts.packed())
    what = rng.choice(("flip", "cut", "zeros", "text_mode", "tail", "insert"))
    at = rng.randrange(len(data))
    if what == "flip":
        for _ in range(rng.choice((1, 8, 200))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif what == "cut":
        del data[at:]
    elif what == "zeros":
        data[at : at + rng.choice((1, 64, 4096))] = bytes(rng.choice((1, 64, 4096)))
    elif what == "text_mode":
        data = data.replace(b"\n", b"\r\n")
    elif what == "tail":
        data += data[at:]
    else:
        data[at:at] = rng.randbytes(rng.choice((1, 7, 512)))
    return bytes(data), what


def _archive(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    return with_archive_field(rng, parts.packed(_layout(rng)), hostile_number), "field"


def _tables(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    return with_table_word(rng, parts.packed(_layout(rng)), hostile_number), "word"


def _sectors(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    return with_sector_offset(rng, parts, hostile_number), "offset"


def _sizes(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    return with_member_size(rng, parts), "declared"


def _members(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    what = rng.choice(("dropped", "empty", "swapped", "cut", "doubled", "backup", "flipped"))
    members = dict(parts.members)
    name, other = rng.choice(parts.names), rng.choice(parts.names)
    content = members[name]
    if what == "dropped":
        del members[name]
    elif what == "empty":
        members[name] = b""
    elif what == "swapped":
        members[name], members[other] = members[other], content
    elif what == "cut":
        members[name] = content[: rng.randrange(len(content))]
    elif what == "doubled":
        members[name] = content * 2
    elif what == "backup":
        members[f"{name}.backup"] = members.pop(name)
    else:
        flipped = bytearray(content)
        for _ in range(rng.choice((1, 3, 30))):
            flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        members[name] = bytes(flipped)
    return Parts(parts.base_build, parts.header, members).packed(_layout(rng)), f"{what}-{name}"


def _bombs(rng: Random, parts: Parts, size: int) -> tuple[bytes, str]:
    name = rng.choice(parts.names)
    what = rng.choice(("zeros", "ones", "repeated", "event"))
    piece = {"zeros": b"\0", "ones": b"\xff", "repeated": parts.members[name], "event": _an_event(rng, parts, name)}[
        what
    ]
    return parts.having(name, (piece * (size // len(piece) + 1))[:size]).packed(), f"{what}-{name}"


def _an_event(rng: Random, parts: Parts, name: str) -> bytes:
    data = parts.members[name]
    if name == TRACKER:
        start, end = rng.choice(_tracker_spans(data))
    elif name in (GAME, MESSAGES):
        start, end, _ = rng.choice(
            event_spans(data, parts.base_build, "game" if name == GAME else "message") or [(0, 8, 0)]
        )
    else:
        start, end = 0, len(data)
    return data[start:end]


def _header(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    node = parsed(Cursor(parts.header))
    what = change(rng, node)
    return Parts(parts.base_build, node.encoded(), parts.members).packed(), what


def _details(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    node = parsed(Cursor(parts.members[DETAILS]))
    what = change(rng, node)
    return parts.having(DETAILS, node.encoded()).packed(), what


def _tracker(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    data = parts.members[TRACKER]
    spans = _tracker_spans(data)
    # The first events say who plays, and are few among thousands.
    start, end = rng.choice(spans[:20] if rng.random() < 0.3 else spans)
    what = rng.choice(("delta", "dropped", "doubled", "many", "moved", *["changed"] * 8))
    event = data[start:end]
    if what in ("changed", "delta"):
        cursor = Cursor(event)
        nodes = [parsed(cursor) for _ in range(3)]
        if what == "delta":
            nodes[0].children[0].value = hostile_number(rng)
        else:
            what = change(rng, nodes[rng.choice((0, 1, 2, 2, 2, 2, 2, 2))])
        event = b"".join(node.encoded() for node in nodes)
    elif what == "moved":
        other, _ = rng.choice(spans)
        rest = data[:start] + data[end:]
        at = other if other <= start else other - len(event)
        return parts.having(TRACKER, rest[:at] + event + rest[at:]).packed(), what
    else:
        event *= {"dropped": 0, "doubled": 2, "many": rng.choice((50, 2_000))}[what]
    return parts.having(TRACKER, data[:start] + event + data[end:]).packed(), what


@lru_cache(maxsize=64)
def _tracker_spans(data: bytes) -> list[tuple[int, int]]:
    cursor, spans = Cursor(data), []
    while cursor.left:
        start = cursor.position
        for _ in range(3):
            parsed(cursor)
        spans.append((start, cursor.position))
    return spans


def _initdata(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    return parts.having(INITDATA, lied_initdata(rng, parts.members[INITDATA], parts.base_build)).packed(), "lie"


def _game_events(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    return parts.having(GAME, lied_event(rng, parts.members[GAME], parts.base_build, "game")).packed(), "lie"


def _messages(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    return parts.having(MESSAGES, lied_event(rng, parts.members[MESSAGES], parts.base_build, "message")).packed(), "lie"


def _metadata(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    return parts.having(METADATA, hostile_json(rng, parts.members.get(METADATA, b"{}"))).packed(), "json"


def _several(rng: Random, parts: Parts, _: int) -> tuple[bytes, str]:
    """Many small lies at once, of which some decoder may believe several together."""
    data = parts.members[TRACKER]
    for _ in range(rng.choice((5, 40))):
        start, end = rng.choice(_tracker_spans(parts.members[TRACKER]))
        cursor = Cursor(parts.members[TRACKER][start:end])
        nodes = [parsed(cursor) for _ in range(3)]
        numbers = [node for node in nodes[2].walked() if node.kind == 9]
        if numbers:
            rng.choice(numbers).value = rng.choice((*range(20), hostile_number(rng)))
        data += b"".join(node.encoded() for node in nodes)
    changed = parts.having(TRACKER, data)
    node = parsed(Cursor(parts.members[DETAILS]))
    for _ in range(3):
        change(rng, node)
    return changed.having(DETAILS, node.encoded()).packed(), "tracker_details"


def _layout(rng: Random) -> ArchiveLayout:
    return rng.choice(
        (
            ArchiveLayout(),
            SECTORS,
            ArchiveLayout(compression="zlib", is_single_unit=False, has_sector_checksums=True),
            ArchiveLayout(compression="none", format_version=0),
            ArchiveLayout(compression="zlib", format_version=1),
        )
    )


_CHANGES: dict[str, Callable[[Random, Parts, int], tuple[bytes, str]]] = {
    "file": _file,
    "archive": _archive,
    "tables": _tables,
    "sectors": _sectors,
    "sizes": _sizes,
    "members": _members,
    "bombs": _bombs,
    "header": _header,
    "details": _details,
    "tracker": _tracker,
    "initdata": _initdata,
    "game": _game_events,
    "messages": _messages,
    "metadata": _metadata,
    "several": _several,
}

LAYERS = [*_CHANGES, "details", "tracker", "tracker", "tracker", "metadata", "initdata", "game"]
"""Layers in turn; those that hold most of what is read, more often."""
