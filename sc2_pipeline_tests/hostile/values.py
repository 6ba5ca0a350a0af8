"""Numbers, texts and JSON documents that break readers."""

import json
from random import Random
from typing import Any

NUMBERS = (
    0, 1, -1, 2, 15, 16, 17, 31, 32, 127, 128, 255, 256, 1023, 1024, 32_767, 32_768, -32_768, 65_535, 65_536, 524_288,
    2**31 - 1, 2**31, -(2**31), 2**32 - 1, 2**32, 2**45, 2**53 + 1, 2**61, 2**62 - 1, 2**62, -(2**62), 2**63 - 1, 2**63,
    -(2**63), 2**64, 2**69 - 1,
)  # fmt: skip
"""Edges of the types that columns, schemas and encodings have."""

TEXTS = (
    b"", b"\0", b"a\0b", b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x9f", "잘했어".encode(), "\u202eevil".encode(), b"\x1b[31m",
    b"<script>alert(1)</script>", b"&lt;&#0;&gt;<sp/>", b"&#xD800;<sp/>&#55296;", b"&#x110000;", b"<sp/>", b"=1+1", b"%s%n{0}",
    b"'; drop table raw.replays; --", b"../../etc", b"nan", b"NULL", b"1-S2-1-99999999999999999999", b"1-S2-1-1\n", b"SCV",
    b"Nexus", b"\r\n", b"A" * 300, b"x" * 5_000,
)  # fmt: skip
"""Names and chat as nobody writes them."""

_JSON_VALUES = (
    '"\\ud800"', '"\\udfff\\ud800"', '"\\u0000"', '"a\\u0000b"', '""', '"x"', "null", "true", "false", "0", "-1", "1.5", "-0.0", "1e400",
    "-1e400", "NaN", "Infinity", "-Infinity", "1" + "0" * 400, "-" + "9" * 400, "2147483648", "-36400", "9223372036854775808",
    "1" * 5_000, "[]", "{}", "[[]]", '{"a": 1}', '"' + "y" * 5_000 + '"',
)  # fmt: skip


def hostile_number(rng: Random) -> int:
    """A number at some edge, or near one."""
    return rng.choice(NUMBERS) + rng.choice((0, 0, 0, 1, -1))


def hostile_text(rng: Random) -> bytes:
    """Bytes that some reader takes amiss."""
    return rng.choice(TEXTS) if rng.random() < 0.8 else rng.randbytes(rng.randrange(1, 40))


def hostile_json(rng: Random, document: bytes) -> bytes:
    """The metadata with one thing in it that is not as the game writes it."""
    try:
        metadata = json.loads(document)
    except ValueError:
        metadata = {}
    return rng.choice((_odd_value, _odd_value, _odd_value, _odd_player, _odd_player, _odd_document))(rng, metadata)


def _odd_value(rng: Random, metadata: dict[str, Any]) -> bytes:
    key = rng.choice(["DataVersion", "DataVersion", "Players", "Duration", "Title", "GameVersion", *metadata])
    return _with_raw(metadata, [key], rng.choice(_JSON_VALUES))


def _odd_player(rng: Random, metadata: dict[str, Any]) -> bytes:
    players = metadata.get("Players") or [{}]
    key = rng.choice(["PlayerID", "APM", "MMR", "Result", "SelectedRace", "AssignedRace"])
    return _with_raw(
        metadata | {"Players": players}, ["Players", rng.randrange(len(players)), key], rng.choice(_JSON_VALUES)
    )


def _odd_document(rng: Random, metadata: dict[str, Any]) -> bytes:
    whole = json.dumps(metadata)
    return rng.choice(
        (
            b"", b"null", b"[]", b"3", b"{", b"\xff\xfe{}", b'{"Players": ' * 50_000, b"[" * 100_000 + b"]" * 100_000,
            b"\xef\xbb\xbf" + whole.encode(), whole.encode("utf-16"), whole[:-1].encode(), whole.encode() * 2,
            (whole[:-1] + ', "DataVersion": 3, "DataVersion": ["x"], "Players": [1, null, [], "x", {}]}').encode(),
            (whole[:-1] + ', "Players": {"1": {}}}').encode(), whole.encode().replace(b'"', b"'"), bytes(1_000),
        )
    )  # fmt: skip


def _with_raw(document: dict[str, Any], path: list[Any], raw: str) -> bytes:
    """The document as text, the value at ``path`` replaced by ``raw`` JSON, which Python need not be able to write."""
    copy = json.loads(json.dumps(document))
    place = copy
    for step in path[:-1]:
        place = place[step]
    mark = "@mark@"
    if isinstance(place, dict | list):
        place[path[-1]] = mark
    return json.dumps(copy).replace(f'"{mark}"', raw).encode()
