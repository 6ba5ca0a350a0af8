"""Summary of one game for a terminal."""

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import duckdb
from rich.cells import cell_len

from sc2_pipeline.browsing.game_facts import GameFacts, game_facts
from sc2_pipeline.cli.terminal import out, print_facts, print_lines, print_rows, shown
from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE, clock

SPARK_WIDTH = 48
_BLOCKS = "▁▂▃▄▅▆▇█"
_PLAIN = "_.-=+*#@"
"""Characters for terminals whose encoding has no block characters."""

_CURVES = (("army", 2), ("workers", 3), ("income", 4), ("bank", 5), ("supply", 6))
"""Curves to draw, with their position in a row of samples."""


def print_game(connection: duckdb.DuckDBPyConnection, replay_id: str) -> None:
    """Prints a replay of the warehouse; raises HomeError if it is not in there."""
    facts = game_facts(connection, replay_id)
    game = facts.game
    played = f"{game['played_at']:%Y-%m-%d %H:%M} UTC" if game["played_at"] else "day unknown"
    what = game["matchup"] or game["game_mode"]
    length = f"{clock(game['length_seconds'])} at speed {facts.speed}"
    recorded = f" (recording {facts.recorded})" if facts.recorded else ""
    head = f"{shown(game['map_name'])}  {what}  {length}{recorded}  {game['game_version']}  {played}"
    print_lines(out(), [head], style="bold")
    print_lines(out(), [f"{replay_id}  {shown(game['file_name'])}", ""], style="dim")
    rows = [_player_row(player) for player in facts.players]
    names = [str(player["name"]) for player in facts.players]
    print_rows(out(), ("", *names), [(figure, *(row[i] for row in rows)) for i, figure in enumerate(_figures(facts))])
    print_lines(out(), [""])
    # What stands beside the curve: two words, two numbers, and the gaps.
    beside = max(map(cell_len, (name for name, _ in _CURVES))) + min(max(map(cell_len, names), default=0), 20) + 16
    width = max(8, min(SPARK_WIDTH, out().width - beside))
    curves = [(name, *line) for name, column in _CURVES for line in _sparklines(facts, column, width)]
    print_rows(out(), ("", "player", "over the game", "most", "last"), curves)
    print_lines(out(), [""])
    print_facts(out(), _fights(facts))


def _figures(facts: GameFacts) -> tuple[str, ...]:
    # Minutes of speed Faster in all games.
    workers = f"workers at {clock(facts.seconds(5 * GAME_LOOPS_PER_MINUTE))}"
    spent = ("MMR / APM", "spending quotient", "supply blocked, effective of all", workers)
    return ("race", "result", *spent, "lost / killed", "workers lost")


def _player_row(player: dict[str, Any]) -> list[str]:
    quotient = player["spending_quotient"]
    return [
        str(player["commander"] or player["race_actual"] or "unknown"),
        str(player["result"] or "unknown"),
        f"{_plain(player['mmr'])} / {_plain(player['apm'])}",
        "-" if quotient is None else f"{quotient:.1f}",
        _blocked(player),
        _plain(player["workers_at_5_minutes"]),
        f"{_plain(player['units_lost'])} / {_plain(player['units_killed'])}",
        _plain(player["workers_lost"]),
    ]


def _blocked(player: dict[str, Any]) -> str:
    effective, strict = player["effective_seconds"], player["blocked_seconds"]
    return "-" if strict is None else f"{_plain(effective)} of {strict:.0f} s"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _sparklines(facts: GameFacts, column: int, width: int) -> list[tuple[str, str, int, int]]:
    curves = {
        player["player_id"]: [float(row[column]) for row in facts.samples if row[0] == player["player_id"]]
        for player in facts.players
    }
    most = max((value for values in curves.values() for value in values), default=0)
    return [
        (player["name"], sparkline(values, most, width), round(max(values)), round(values[-1]))
        for player in facts.players
        if (values := curves[player["player_id"]])
    ]


def sparkline(values: Sequence[float], most: float, width: int = SPARK_WIDTH) -> str:
    """A curve as one line of ``width`` block characters, each the mean of its values; ``most`` is a full block.

    >>> sparkline([0, 5, 10], 10, width=3)
    '▁▅█'
    """
    steps = min(width, len(values))
    bounds = [round(i * len(values) / steps) for i in range(steps + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(bounds)]
    marks = _BLOCKS if _has_blocks() else _PLAIN
    return "".join(marks[min(7, int(8 * mean / most))] if most > 0 else marks[0] for mean in means)


def _has_blocks() -> bool:
    try:
        _BLOCKS.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _fights(facts: GameFacts) -> list[tuple[str, object]]:
    counts: dict[str, int] = {}
    for battle in facts.battles:
        counts[battle["kind"]] = counts.get(battle["kind"], 0) + 1
    kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(counts.items())) or "none"
    biggest = min(facts.battles, key=lambda battle: battle["size_rank"], default=None)
    if biggest is None:
        return [("fights", kinds)]
    lost = {row[1]: row[2] for row in facts.battle_players if row[0] == biggest["battle_number"]}
    sides = ", ".join(f"{p['name']} lost {lost[p['player_id']]:,}" for p in facts.players if p["player_id"] in lost)
    length = biggest["ended_seconds"] - biggest["started_seconds"]
    return [
        ("fights", kinds),
        ("biggest", f"{biggest['kind'].replace('_', ' ')} at {biggest['clock']}, {length:.0f} s: {sides}"),
    ]
