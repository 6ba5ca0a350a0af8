"""Values of the self-describing encoding as trees that can be changed anywhere and written again."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from sc2_pipeline.replay_format.versioned import (
    ARRAY,
    BIT_ARRAY,
    BLOB,
    CHOICE,
    OPTIONAL,
    STRUCT,
    U8,
    U32,
    U64,
    VINT,
    Cursor,
)
from sc2_pipeline_demo.synthetic.encoding.versioned_encoder import vint
from sc2_pipeline_tests.hostile.values import hostile_number, hostile_text

_SIZES = {U8: 1, U32: 4, U64: 8}


@dataclass
class Node:
    """One value. ``children`` are those inside it, with their tags in a struct.

    ``count`` is what it says of how many there are, ``mark`` what it says of its kind; None where it says the truth.
    ``prefix`` is what it is wrapped into.
    """

    kind: int
    value: Any = None
    children: list["Node"] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    count: int | None = None
    mark: int | None = None
    prefix: bytes = b""

    def encoded(self) -> bytes:
        """The value's bytes."""
        head, inner = (
            self.prefix + bytes([self.kind if self.mark is None else self.mark]),
            b"".join(child.encoded() for child in self.children),
        )
        count = vint(len(self.children) if self.count is None else self.count)
        if self.kind == ARRAY:
            return head + count + inner
        if self.kind == STRUCT:
            fields = b"".join(vint(tag) + child.encoded() for tag, child in zip(self.tags, self.children, strict=True))
            return head + count + fields
        if self.kind == CHOICE:
            return head + vint(self.tags[0]) + inner
        if self.kind == OPTIONAL:
            return head + bytes([self.value]) + inner
        if self.kind == BLOB:
            return head + vint(len(self.value) if self.count is None else self.count) + self.value
        if self.kind == BIT_ARRAY:
            return head + vint(self.count or 0) + self.value
        return head + (vint(self.value) if isinstance(self.value, int) else self.value)

    def walked(self) -> list["Node"]:
        """This node and all below it."""
        return [self, *(node for child in self.children for node in child.walked())]


def parsed(cursor: Cursor) -> Node:
    """The next value of a stream, of any kind."""
    kind = cursor.byte()
    node = Node(kind)
    if kind == ARRAY:
        node.children = [parsed(cursor) for _ in range(cursor.length())]
    elif kind == STRUCT:
        for _ in range(cursor.length()):
            node.tags.append(cursor.vint())
            node.children.append(parsed(cursor))
    elif kind == CHOICE:
        node.tags, node.children = [cursor.vint()], [parsed(cursor)]
    elif kind == OPTIONAL:
        node.value = cursor.byte()
        node.children = [parsed(cursor)] if node.value else []
    elif kind == BLOB:
        node.value = cursor.chunk(cursor.length())
    elif kind == BIT_ARRAY:
        node.count = cursor.length(bits_each=1)
        node.value = cursor.chunk((node.count + 7) // 8)
    elif kind == VINT:
        node.value = cursor.vint()
    else:
        node.value = cursor.chunk(_SIZES[kind])
    return node


def change(rng: Random, root: Node) -> str:
    """Changes one thing somewhere in the tree; gives what it was."""
    nodes = root.walked()
    leaves = [node for node in nodes if node.kind in (VINT, BLOB)]
    lists = [node for node in nodes if node.kind in (ARRAY, STRUCT) and node.children]
    what = rng.choice(
        ("number", "number", "number", "text", "text", "kind", "count", "tag", "drop", "double", "many", "deep", "flip")
    )
    numbers, texts = [n for n in leaves if n.kind == VINT], [n for n in leaves if n.kind == BLOB]
    if what == "text" and texts:
        rng.choice(texts).value = hostile_text(rng)
    elif what == "kind":
        rng.choice(nodes).mark = rng.choice((*range(12), 0xFF))
    elif what == "count":
        rng.choice([*lists, *texts] or nodes).count = hostile_number(rng)
    elif what == "tag" and lists:
        _retagged(rng, rng.choice(lists))
    elif what in ("drop", "double", "many") and lists:
        _counted(rng, rng.choice(lists), what)
    elif what == "deep":
        rng.choice(nodes).prefix = bytes([OPTIONAL, 1]) * rng.choice((1, 30, 40, 1_200))
    elif what == "flip" and (optional := [node for node in nodes if node.kind == OPTIONAL]):
        node = rng.choice(optional)
        node.value, node.children = (0, []) if node.value else (1, [Node(VINT, hostile_number(rng))])
    elif numbers:
        what = "number"
        rng.choice(numbers).value = hostile_number(rng)
    return what


def _retagged(rng: Random, node: Node) -> None:
    if node.tags:
        node.tags[rng.randrange(len(node.tags))] = rng.choice((hostile_number(rng), *node.tags))


def _counted(rng: Random, node: Node, what: str) -> None:
    at = rng.randrange(len(node.children))
    times = {"drop": 0, "double": 2, "many": rng.choice((20, 300, 2_000))}[what]
    node.children[at : at + 1] = [node.children[at]] * times
    if node.tags:
        node.tags[at : at + 1] = [node.tags[at]] * times
