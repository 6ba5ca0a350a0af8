"""Replays made to cost much: each a whole file of a short game, one member of it replaced by what an attacker would write."""

import random
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import Final

from sc2_pipeline.replay_format.mpq import MAX_TIMES_PACKED, Archive
from sc2_pipeline_demo.synthetic import game_stream, ladder_game, message_stream, replay_bytes
from sc2_pipeline_demo.synthetic.encoding.versioned_encoder import vint
from sc2_pipeline_demo.synthetic.members.details import header_bytes
from sc2_pipeline_demo.synthetic.script import GameScript
from sc2_pipeline_tests.replay_format.archives import Member, archive, in_sectors, with_bz2, with_zlib

BUILD: Final = 92440
GAME_LOOPS: Final = 2_000
LONGEST: Final = 524_288

DETAILS, INITDATA, METADATA = "replay.details", "replay.initData", "replay.gamemetadata.json"
TRACKER, GAME, MESSAGES = "replay.tracker.events", "replay.game.events", "replay.message.events"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file: what is in it, the reason for which it is refused (None: it loads), and what writes its bytes."""

    name: str
    reason: str | None
    content: Callable[[], bytes]


@cache
def _script() -> GameScript:
    return ladder_game(5, game_loops=GAME_LOOPS, base_build=BUILD)


@cache
def _honest() -> dict[str, bytes]:
    whole = Archive(replay_bytes(_script()))
    return {name: whole.read(name) for name in (DETAILS, INITDATA, METADATA, TRACKER, GAME, MESSAGES)}


def replay(*members: Member, game_loops: int = GAME_LOOPS) -> bytes:
    """A short honest game with these members in place of its own, said to have lasted ``game_loops``."""
    replaced = {member.name for member in members}
    honest = [with_bz2(name, content) for name, content in _honest().items() if name not in replaced]
    return archive(*honest, *members, header_block=header_bytes(replace(_script(), game_loops=game_loops)))


def padded(name: str, content: bytes) -> Member:
    """A member that is as long as what is stored allows: noise behind the packed bytes makes up what is missing."""
    packed = b"\x02" + zlib.compress(content)
    noise = random.Random(name).randbytes(max(0, len(content) // (MAX_TIMES_PACKED - 1) - len(packed)))
    return Member(name=name, stored=packed + noise, size=len(content))


def born(
    index: int,
    unit_type: bytes = b"Marine",
    player: int = 1,
    place: tuple[int, int] = (20, 20),
    delta: int = 0,
    **more: int,
) -> bytes:
    """A birth in the tracker stream, as the game writes it."""
    return _event(1, delta, (index, more.get("recycle", 1), unit_type, player, player, *place, *_creator(more)))


def _creator(more: dict[str, int]) -> tuple[object, ...]:
    if "creator" not in more:
        return (_NONE, _NONE, _NONE)
    return (_Some(more["creator"]), _Some(1), _Some(b"BarracksTrain"))


def died(index: int, place: tuple[int, int] = (20, 20), delta: int = 0, recycle: int = 1) -> bytes:
    return _event(2, delta, (index, recycle, _Some(2), *place, _NONE, _NONE))


def type_change(index: int, unit_type: bytes, delta: int = 0) -> bytes:
    return _event(4, delta, (index, 1, unit_type))


def upgrade(name: bytes, delta: int = 0) -> bytes:
    return _event(5, delta, (1, name, 1))


def stats(player: int, delta: int) -> bytes:
    numbers = b"".join(vint(field) + b"\x09" + vint(4096 * 10) for field in range(39))
    body = b"\x05" + vint(2) + vint(0) + b"\x09" + vint(player) + vint(1) + b"\x05" + vint(39) + numbers
    return _head(0, delta) + body


def positions(count: int, delta: int = 0) -> bytes:
    items = b"".join(b"\x09" + vint(1) for _ in range(3 * count))
    body = b"\x05" + vint(2) + vint(0) + b"\x09" + vint(1) + vint(1) + b"\x00" + vint(3 * count) + items
    return _head(8, delta) + body


def setup(player: int, slot: int) -> bytes:
    return _event(9, 0, (player, 1, _Some(0), _Some(slot)))


@dataclass(frozen=True, slots=True)
class _Some:
    value: object


_NONE = _Some(None)


def _head(event_id: int, delta: int) -> bytes:
    tag = [delta < 1 << bits for bits in (6, 14, 22, 32)].index(True)
    return b"\x03" + vint(tag) + b"\x09" + vint(delta) + b"\x09" + vint(event_id)


def _event(event_id: int, delta: int, fields: tuple[object, ...]) -> bytes:
    body = b"".join(vint(at) + _value(field) for at, field in enumerate(fields))
    return _head(event_id, delta) + b"\x05" + vint(len(fields)) + body


def _value(field: object) -> bytes:
    if isinstance(field, _Some):
        return b"\x04\x00" if field.value is None else b"\x04\x01" + _value(field.value)
    if isinstance(field, bytes):
        return b"\x02" + vint(len(field)) + field
    assert isinstance(field, int)
    return b"\x09" + vint(field)


def _user_event(name: str, **fields: object) -> dict[str, object]:
    return {"_event": name, "_gameloop": 0, "_userid": 0, **fields}


def selection(tags: Iterable[int]) -> dict[str, object]:
    """Units that join the active selection."""
    tags = list(tags)
    subgroups = [{"m_unitLink": 82, "m_intraSubgroupPriority": 1, "m_count": len(tags)}]
    delta = {"m_removeMask": {"None": None}, "m_addSubgroups": subgroups, "m_addUnitTags": tags}
    return _user_event("SSelectionDeltaEvent", m_controlGroupId=10, m_delta=delta)


def command(link: int = 177, index: int = 0) -> dict[str, object]:
    """A command without a target."""
    ability = {"m_abilLink": link, "m_abilCmdIndex": index}
    return _user_event("SCmdEvent", m_cmdFlags=256, m_abil=ability, m_data={"None": None}, m_sequence=1)


def _game(*events: dict[str, object]) -> bytes:
    return game_stream(BUILD, events)


_CAMERA = dict.fromkeys(("m_target", "m_distance", "m_pitch", "m_yaw", "m_reason")) | {"m_follow": False}
_NOBODY = {"None": None}


def _crowd() -> bytes:
    return _game(selection(range(1 << 18, 501 << 18, 1 << 18)))


def _changing_selections() -> bytes:
    return _crowd() + b"".join(_game(selection([tag << 18]), command()) for tag in range(500)) * 300


def _joined_groups() -> bytes:
    joined = _user_event("SControlGroupUpdateEvent", m_controlGroupIndex=1, m_controlGroupUpdate=1, m_mask=_NOBODY)
    return _crowd() + _game(joined) * 300_000


def _repetitions() -> bytes:
    again = _user_event("SCommandManagerStateEvent", m_state=1, m_sequence=None)
    return _crowd() + _game(command()) + _game(again) * 100_000


def _chat(letters: int, size: int) -> bytes:
    line = message_stream(BUILD, [_user_event("SChatMessage", m_recipient=0, m_string=b"a" * letters)])
    return line * (size // len(line))


def _lives(count: int, place: Callable[[int], tuple[int, int]], *, deaths_a_loop: int) -> bytes:
    """Births at loop 0, and deaths by the other player, each at its place, so many a loop."""
    births = (born(index) for index in range(count))
    deaths = (died(index, place=place(index), delta=index % deaths_a_loop == 0) for index in range(count))
    return b"".join(chain(births, deaths))


def _everywhere(index: int) -> tuple[int, int]:
    return index * 7919 % 251, index * 104_729 % 241


def _eggs(count: int) -> bytes:
    larvae = (born(index, b"Larva") for index in range(count))
    eggs = (type_change(index, b"Egg") for index in range(count))
    drones = (born(index + count, b"Drone", creator=index, delta=index % 90 == 0) for index in range(count))
    return b"".join(chain(larvae, eggs, drones))


def _landing(count: int) -> bytes:
    landings = (type_change(1, b"Barracks" if index % 2 else b"BarracksFlying") for index in range(count))
    trained = (born(2 + index, creator=1, delta=index % 50 == 0) for index in range(count))
    return born(1, b"Barracks") + b"".join(chain(landings, trained))


def _changes(count: int) -> bytes:
    return born(1) + b"".join(type_change(1, b"A" if index % 2 else b"B", index % 2) for index in range(count))


def _types_and_statistics(types: int, samples: int) -> bytes:
    return b"".join(chain((born(index, b"T%d" % index) for index in range(types)), (stats(1, 1),) * samples))


def _tags_again(count: int) -> bytes:
    return b"".join(chain.from_iterable((born(1, recycle=index), died(1, recycle=index)) for index in range(count)))


def _long_names(count: int, size: int) -> bytes:
    return b"".join(born(index, b"%d" % index + b"T" * size) for index in range(count))


def _beginnings(event_id: int, opening: bytes, count: int) -> bytes:
    """Beginnings of events that have no end: all of them claim the same bytes."""
    return (_head(event_id, 0) + b"\x05\x04\x00\x09\x02\x02" + opening) * count


_BACKWARDS = b"\x03\x00\x09\x00\x09\x0e\x05\x04\x02\x09\x02\x00\x09\x02"
"""A tracker event whose fields come in another order, which only the careful reader takes."""

_ZEROS: Final = bytes(64 * 2**20)


def _in(member: str, stream: Callable[[], bytes], game_loops: int = GAME_LOOPS) -> Callable[[], bytes]:
    return lambda: replay(padded(member, stream()), game_loops=game_loops)


def _tracker(stream: Callable[[], bytes], game_loops: int = GAME_LOOPS) -> Callable[[], bytes]:
    return _in(TRACKER, stream, game_loops)


HOSTILE: Final = (
    Hostile("64 MB of zeros as chat", "too_large", lambda: replay(with_zlib(MESSAGES, _ZEROS))),
    Hostile("64 MB of zeros as game events", "too_large", lambda: replay(with_zlib(GAME, _ZEROS))),
    Hostile("64 MB of zeros as tracker events", "too_large", lambda: replay(with_zlib(TRACKER, _ZEROS))),
    Hostile("64 MB of zeros as tracker events, bz2", "too_large", lambda: replay(with_bz2(TRACKER, _ZEROS))),
    Hostile("64 MB of zeros as chat, in sectors", "too_large", lambda: replay(in_sectors(MESSAGES, _ZEROS))),
    Hostile("64 MB of zeros as details", "too_large", lambda: replay(with_zlib(DETAILS, _ZEROS))),
    Hostile("64 MB of zeros as lobby", None, lambda: replay(with_zlib(INITDATA, _ZEROS))),
    Hostile("64 MB of zeros as metadata", None, lambda: replay(with_zlib(METADATA, _ZEROS))),
    Hostile("250 kB of zeros as lobby", None, lambda: replay(with_zlib(INITDATA, bytes(250_000)))),
    Hostile("250 kB of ones as lobby", None, lambda: replay(with_zlib(INITDATA, b"\xff" * 250_000))),
    Hostile("250 kB of zeros as details", "corrupt_details", lambda: replay(with_zlib(DETAILS, bytes(250_000)))),
    Hostile("250 kB of brackets as metadata", None, lambda: replay(with_zlib(METADATA, b"[" * 250_000))),
    Hostile("24 MB of zeros as game events, padded", None, _in(GAME, lambda: _ZEROS[: 24 * 2**20])),
    Hostile("24 MB of chat", "too_large", _in(MESSAGES, lambda: _chat(2000, 24 * 2**20))),
    Hostile("500 kB of chat of one letter", None, _in(MESSAGES, lambda: _chat(1, 2**19))),
    Hostile(
        "6,000,000 camera moves",
        "too_dense",
        _in(GAME, lambda: _game(_user_event("SCameraUpdateEvent", **_CAMERA)) * 6_000_000),
    ),
    Hostile(
        "6,000,000 camera moves in the longest game",
        "too_costly",
        _in(GAME, lambda: _game(_user_event("SCameraUpdateEvent", **_CAMERA)) * 6_000_000, LONGEST),
    ),
    Hostile("300,000 commands", "too_costly", _in(GAME, lambda: _game(command()) * 300_000)),
    Hostile(
        "300,000 commands to 500 units each", "too_costly", _in(GAME, lambda: _crowd() + _game(command()) * 300_000)
    ),
    Hostile("100,000 repetitions of a command to 500 units", "too_costly", _in(GAME, _repetitions)),
    Hostile("a group of 500 units joined 300,000 times", "too_costly", _in(GAME, _joined_groups)),
    Hostile("150,000 commands to as many selections", "too_costly", _in(GAME, _changing_selections)),
    Hostile(
        "60,000 deaths in 120 loops everywhere",
        "too_costly",
        _tracker(lambda: _lives(60_000, _everywhere, deaths_a_loop=500), LONGEST),
    ),
    Hostile(
        "60,000 deaths in 600 loops everywhere",
        "too_costly",
        _tracker(lambda: _lives(60_000, _everywhere, deaths_a_loop=100), LONGEST),
    ),
    Hostile("400 types of units at 2,400 samples", None, _tracker(lambda: _types_and_statistics(400, 2_400), LONGEST)),
    Hostile(
        "1,000 types of units at 20,000 samples",
        "too_costly",
        _tracker(lambda: _types_and_statistics(1_000, 20_000), LONGEST),
    ),
    Hostile("300 units in 800 positions", None, _tracker(lambda: positions(300) * 800)),
    Hostile("200 names of 100 kB", None, _tracker(lambda: born(1) + _long_names(200, 100_000))),
    Hostile("20,000 names of 1,000 bytes", "too_costly", _tracker(lambda: _long_names(20_000, 990))),
    Hostile("a tag used 80,000 times", None, _tracker(lambda: (born(1) + died(1)) * 80_000, LONGEST)),
    Hostile(
        "100,000 players set up", None, _tracker(lambda: b"".join(setup(1 + i % 15, i % 15) for i in range(100_000)))
    ),
    Hostile("statistics that overlap", None, _tracker(lambda: born(1) + _beginnings(0, b"\x05\x4e", 2**16))),
    Hostile("positions that overlap", None, _tracker(lambda: born(1) + _beginnings(8, b"\x00" + vint(1023), 2**16))),
    Hostile("1,000,000 events for the careful reader", "too_dense", _tracker(lambda: _BACKWARDS * 1_000_000)),
    Hostile(
        "1,000,000 events for the careful reader in the longest game",
        "too_costly",
        _tracker(lambda: _BACKWARDS * 1_000_000, LONGEST),
    ),
)

MASSES: Final = (
    Hostile("240,000 births at once", "too_dense", _tracker(lambda: b"".join(map(born, range(240_000))))),
    Hostile("240,000 births in the longest game", None, _tracker(lambda: b"".join(map(born, range(240_000))), LONGEST)),
    Hostile(
        "240,000 types of units",
        "too_costly",
        _tracker(lambda: b"".join(born(i, b"T%d" % i) for i in range(240_000)), LONGEST),
    ),
    Hostile(
        "120,000 deaths at one place",
        None,
        _tracker(lambda: _lives(120_000, lambda _: (20, 20), deaths_a_loop=500), LONGEST),
    ),
    Hostile(
        "120,000 deaths far apart",
        "too_costly",
        _tracker(lambda: _lives(120_000, lambda i: (100 * i, 5), deaths_a_loop=500), LONGEST),
    ),
    Hostile(
        "120,000 deaths on a chain",
        "too_costly",
        _tracker(lambda: _lives(120_000, lambda i: (11 * i, 5), deaths_a_loop=500), LONGEST),
    ),
    Hostile("a unit that changes its type 240,000 times", None, _tracker(lambda: _changes(240_000), LONGEST)),
    Hostile(
        "a barracks that lands 120,000 times and trains as many",
        "too_costly",
        _tracker(lambda: _landing(120_000), LONGEST),
    ),
    Hostile("80,000 eggs", "too_costly", _tracker(lambda: _eggs(80_000), LONGEST)),
    Hostile(
        "240,000 upgrades",
        None,
        _tracker(lambda: b"".join(upgrade(b"U%d" % (i % 1000)) for i in range(240_000)), LONGEST),
    ),
    Hostile("100,000 statistics", None, _tracker(lambda: stats(1, 1) * 100_000, LONGEST)),
    Hostile("an index used 120,000 times", None, _tracker(lambda: _tags_again(120_000), LONGEST)),
)
"""As hostile, and seconds to write."""
