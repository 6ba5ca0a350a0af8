"""Constants of the game: clocks, vocabulary and unit tags."""

GAME_LOOPS_PER_MINUTE = 1344
"""At speed Faster, the ladder's only speed: 22.4 game loops a second."""

GAME_LOOPS_PER_SECOND = GAME_LOOPS_PER_MINUTE / 60
"""At speed Faster. Convert with :func:`game_seconds`, which is exact."""

GAME_LOOPS_PER_5_SECONDS = GAME_LOOPS_PER_MINUTE // 12
"""At speed Faster: the shortest whole number of seconds that is also a whole number of game loops."""

GAME_LOOPS_PER_NORMAL_SECOND = 16
"""At speed Normal, whose clock is shown before Legacy of the Void and in co-op."""

GAME_LOOPS_PER_SAMPLE = 160
"""Interval at which the client records every player's statistics."""

BATTLE_LINK_GAME_LOOPS = 2 * GAME_LOOPS_PER_5_SECONDS
"""Deaths at most so far apart in time may be of one battle."""

MAX_GAME_LOOPS = 524_288
"""The simulation ends here (2^19; s2client-proto, protocol.md)."""

RACES = ("protoss", "terran", "zerg", "random")
"""Spelling of the races; ``random`` only as a requested race."""

RESULTS = ("victory", "defeat", "tie", "undecided")
"""Results, in the API's words."""

GAME_MODES = ("1v1", "2v2", "3v3", "4v4", "archon", "ffa", "coop", "arcade", "other")
"""Game modes; games against the computer have no mode of their own."""

GAME_MODE_EVIDENCE = ("commanders", "starts", "teams")
"""What tells the mode: co-op commanders, what each player begins with, or only the lobby's teams."""

SUPPLY_LIMIT = 200.0
"""No ladder game raises the supply cap further; some arcade and co-op games do."""

REGIONS = {1: "us", 2: "eu", 3: "kr", 5: "cn", 6: "sea", 98: "xx"}
"""Battle.net region numbers, as in toon handles; 6 was Southeast Asia, seen in games of 2013, 98 is the public test region."""


def game_seconds(game_loop: int) -> float:
    """Seconds on the in-game clock at ``game_loop``, at speed Faster.

    Divides by 112/5, not by 22.4: the float 22.4 makes 60.00000000000001 of a minute. In SQL it is the macro of the same name.

    >>> game_seconds(1344)
    60.0
    """
    return game_loop * 5 / GAME_LOOPS_PER_5_SECONDS


def normal_seconds(game_loop: int) -> float:
    """Seconds at speed Normal ("Blizzard time"), which co-op and games before 3.0 show.

    >>> normal_seconds(960)
    60.0
    """
    return game_loop / GAME_LOOPS_PER_NORMAL_SECOND


def shown_seconds(game_loop: int, clock_speed: str) -> float:
    """Seconds on the game's own clock; ``clock_speed`` is ``normal`` before 3.0 and in co-op, else ``faster``.

    >>> shown_seconds(1344, "faster"), shown_seconds(960, "normal")
    (60.0, 60.0)
    """
    return normal_seconds(game_loop) if clock_speed == "normal" else game_seconds(game_loop)


def clock(seconds: float) -> str:
    """Minutes and seconds as the game's screen shows them, rounded down.

    >>> clock(272.9)
    '4:32'
    """
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def unit_tag(index: int, recycle: int) -> int:
    """The unit's tag from the tracker's two numbers; unique within a game.

    Source: s2protocol, ``unit_tag``. The low 32 bits of the API's 64-bit tag hold the same number.

    >>> unit_tag(1, 1)
    262145
    """
    return (index << 18) + recycle
