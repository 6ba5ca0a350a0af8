"""The page of one game."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import duckdb

from sc2_pipeline.browsing.game_facts import GameFacts, game_facts
from sc2_pipeline.browsing.ground import ground_of
from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE, GAME_LOOPS_PER_SAMPLE, clock
from sc2_pipeline.report.drawing import COLOURS, Band, Series, line_chart, nothing
from sc2_pipeline.report.maps import Fight, fight_map
from sc2_pipeline.report.page import figure, page, section, table, tiles
from sc2_pipeline.report.rows import Row
from sc2_pipeline.report.text import escaped, name, number

BLOCKED_COLUMN = "supply blocked, effective of all"
"""Name of the column of :func:`blocked`."""

SHOWN_FIGHTS = 12
"""Number of largest fights that are numbered on the map and listed."""

_ARMY, _WORKERS, _INCOME, _BANK, _USED, _CAP, _LOST = range(2, 9)
"""Positions in a row of samples."""


def game_page(connection: duckdb.DuckDBPyConnection, replay_id: str) -> str:
    """HTML of a replay's page; raises HomeError if the warehouse does not contain the replay."""
    facts = game_facts(connection, replay_id)
    names = " – ".join(str(player["name"]) for player in facts.players)
    content = [
        _head(facts),
        section("economy", "Army and economy", *_curves(facts)),
        section("fights", "Fights", _map(facts), _fight_list(facts)),
        section("builds", "Build orders", _builds(facts)),
        _foot(facts),
    ]
    return page(f"{names} on {facts.game['map_name']}", "".join(content))


def _head(facts: GameFacts) -> str:
    game = facts.game
    played = f"{game['played_at']:%Y-%m-%d %H:%M} UTC" if game["played_at"] else "day unknown"
    people = table(
        (
            "player",
            "race",
            "result",
            "MMR",
            "APM",
            "spending quotient",
            BLOCKED_COLUMN,
            workers_column(facts),
            "lost",
            "killed",
        ),
        [_player_row(facts, player) for player in facts.players],
        numbers=range(3, 10),
        is_stacked=True,
    )
    biggest = min(facts.battles, key=lambda battle: battle["size_rank"], default=None)
    numbers = [
        ("length", clock(game["length_seconds"])),
        *([("recording", facts.recorded)] if facts.recorded else []),
        *([("length at speed Faster", clock(game["duration_seconds"]))] if facts.speed == "Normal" else []),
        ("matchup", escaped(game["matchup"] or game["game_mode"])),
        ("version", escaped(".".join(str(game["game_version"]).split(".")[:3]))),
        ("units lost", number(facts.units_lost)),
        *([("summoned units lost", number(facts.summoned_lost))] if facts.summoned_lost else []),
        ("biggest fight", f"{biggest['clock']}" if biggest else "none"),
    ]
    return (
        f"<h1>{name(game['map_name'])}</h1><p class='lead'>{escaped(played)} · {escaped(game['file_name'])}</p>"
        f'{tiles(numbers)}<div class="card">{people}</div>'
    )


def blocked(player: Mapping[str, Any]) -> str:
    """Time in effective supply blocks, of that in all (strict) blocks; a dash for what is not known."""
    effective, strict = player["effective_seconds"], player["blocked_seconds"]
    return "–" if strict is None else f"{number(effective)} of {number(strict)} s"


def workers_column(facts: GameFacts) -> str:
    """Name of the column of ``workers_at_5_minutes``, whose minutes are of speed Faster in all games."""
    return f"workers at {clock(facts.seconds(5 * GAME_LOOPS_PER_MINUTE))}"


def _player_row(facts: GameFacts, player: dict[str, object]) -> list[str]:
    def plain(key: str, digits: int = 0) -> str:
        value = player[key]
        return number(value, digits) if isinstance(value, int | float) else "–"

    result = escaped(player["result"] or "unknown")
    return [
        f"<span>{_chip(facts, player)}{name(player['name'])}</span>",
        escaped(player["commander"] or player["race_actual"] or "unknown"),
        f'<span class="win">{result}</span>' if result == "victory" else result,
        plain("mmr"),
        plain("apm"),
        plain("spending_quotient", 1),
        blocked(player),
        plain("workers_at_5_minutes"),
        plain("units_lost"),
        plain("units_killed"),
    ]


def _chip(facts: GameFacts, player: Mapping[str, Any]) -> str:
    return f'<span class="chip" style="background:var(--c{facts.colour(player["player_id"]) % COLOURS})"></span>'


def _series(facts: GameFacts, column: int) -> list[Series]:
    lines = []
    for player in facts.players:
        player_id = player["player_id"]
        points = [(float(row[1]), float(row[column])) for row in facts.samples if row[0] == player_id]
        if points:
            colour = facts.colour(player_id)
            lines.append(Series(label=str(player["name"]), points=points, colour=colour, dash=colour % 4))
    return lines


def _curves(facts: GameFacts) -> Iterable[str]:
    who = " and ".join(str(player["name"]) for player in facts.players)
    fights = [
        Band(
            start=battle["started_seconds"],
            end=max(battle["ended_seconds"], battle["started_seconds"] + 1),
            label=f"{battle['clock']} {battle['kind']}: {battle['units_lost']} lost, worth {battle['resources_lost']}",
            kind="band" if battle["kind"] in ("battle", "base_trade") else "minor",
        )
        for battle in facts.battles
        if battle["resources_lost"] > 0 and battle["started_seconds"] < facts.game["length_seconds"]
    ]
    army = line_chart(
        f"Army value of {who} over time; fights are shaded",
        _series(facts, _ARMY),
        unit="resources",
        bands=fights,
        end=facts.game["length_seconds"],
        is_wide=True,
    )
    yield figure(
        "Army value",
        army,
        "Minerals and vespene in army units alive. Shaded: battles, in grey smaller fights.",
        is_whole=True,
    )
    plain = (
        ("Workers", f"Workers of {who} over time", _WORKERS, "workers", ""),
        (
            "Income",
            f"Income of {who}",
            _INCOME,
            "a minute",
            "Minerals and vespene a minute of speed Faster, in every game.",
        ),
        ("Bank", f"Unspent resources of {who}", _BANK, "unspent", ""),
        ("Lost so far", f"Resources lost by {who}", _LOST, "lost", "Worth of all units and structures lost."),
    )
    for heading, title, column, unit, note in plain:
        drawing = line_chart(title, _series(facts, column), unit=unit, end=facts.game["length_seconds"])
        yield figure(heading, drawing, note)
    for player in facts.players:
        yield _supply(facts, player)


def _supply(facts: GameFacts, player: dict[str, object]) -> str:
    player_id, who = player["player_id"], str(player["name"])
    assert isinstance(player_id, int)
    rows = [row for row in facts.samples if row[0] == player_id]
    if not rows:
        return ""
    colour = facts.colour(player_id)
    lines = [
        Series(label="used", points=[(float(r[1]), float(r[_USED])) for r in rows], colour=colour),
        Series(label="cap", points=[(float(r[1]), float(r[_CAP])) for r in rows], colour=6, dash=1, is_step=True),
    ]
    blocks = [
        Band(start=float(start), end=float(end), label=f"blocked from {clock(start)} to {clock(end)}")
        for block_player, start, end in facts.blocks
        if block_player == player_id
    ]
    chart = line_chart(
        f"Supply of {who} over time; blocks are shaded",
        lines,
        unit="supply",
        bands=blocks,
        end=facts.game["length_seconds"],
    )
    known_to = facts.seconds(GAME_LOOPS_PER_SAMPLE)
    said = f"{len(blocks)} blocks, {sum(b.end - b.start for b in blocks):.0f} s, each known to {known_to:.0f} s."
    return figure(f"Supply of {who}", chart, said if blocks else "Never blocked.")


def _largest(facts: GameFacts) -> list[dict[str, float]]:
    largest = sorted(facts.battles, key=lambda battle: battle["size_rank"])[:SHOWN_FIGHTS]
    return [battle for battle in largest if battle["resources_lost"] > 0]


def _map(facts: GameFacts) -> str:
    fights = [
        Fight(
            x=b["x"],
            y=b["y"],
            radius=b["radius"],
            label=str(i),
            said=f"{b['clock']} {b['kind']}, worth {b['resources_lost']}",
        )
        for i, b in enumerate(_largest(facts), start=1)
    ]
    places = [(row[0], row[1]) for row in (*facts.towns, *facts.deaths)]
    drawing = fight_map(
        f"Map with {len(facts.towns)} town halls, {len(facts.deaths)} deaths and the {len(fights)} largest fights",
        ground_of(places, facts.extent),
        towns=[(x, y, facts.colour(player_id), is_start) for x, y, player_id, is_start in facts.towns],
        deaths=[(x, y, facts.colour(player_id)) for x, y, player_id, _ in facts.deaths],
        fights=fights,
    )
    keys = " ".join(f"{_chip(facts, player)}{name(player['name'])}" for player in facts.players)
    said = "Squares: town halls, filled at the start. Dots: units lost, in the colour of their owner."
    return figure("Where they fought", drawing, f"{keys}<br>{said}")


def _fight_list(facts: GameFacts) -> str:
    shown = _largest(facts)
    if not shown:
        return f'<div class="card">{nothing("nobody lost anything to an enemy")}</div>'
    lost = {(row[0], row[1]): row[2] for row in facts.battle_players}
    players = [p for p in facts.players if any((b["battle_number"], p["player_id"]) in lost for b in shown)]
    rows = [
        [
            str(i),
            escaped(battle["clock"]),
            escaped(str(battle["kind"]).replace("_", " ")),
            *(number(lost.get((battle["battle_number"], player["player_id"]), 0)) for player in players),
        ]
        for i, battle in enumerate(shown, start=1)
    ]
    columns = ("", "at", "kind", *(f"lost by {player['name']}" for player in players))
    return f'<div class="card"><h3>The largest</h3>{table(columns, rows, numbers=range(3, len(columns)))}</div>'


def _builds(facts: GameFacts) -> str:
    columns = []
    for player in facts.players:
        rows = _steps([row for row in facts.builds if row[0] == player["player_id"]])
        if rows:
            steps = table(("at", "supply", "begun"), rows, numbers=(1,))
            columns.append(f'<div><h3>{name(player["name"])}</h3><div class="scroll" tabindex="0">{steps}</div></div>')
    if not columns:
        return f'<div class="card whole">{nothing("nothing was built")}</div>'
    note = "Workers are left out; struck through: cancelled. How each start is known: <code>sc2-pipeline ask build_order</code>."
    return f'<div class="card whole"><div class="builds">{"".join(columns)}</div><p class="soft">{note}</p></div>'


def _steps(builds: list[Row]) -> list[list[str]]:
    """Rows of a build order; identical items begun in the same second are merged into one row."""
    steps = []
    for (at, unit, is_cancelled), same in groupby(builds, key=lambda row: (row[1], row[3], row[4])):
        begun = list(same)
        count = sum(row[5] or 1 for row in begun)
        what = escaped(unit) if count == 1 else f"{count} {escaped(unit)}"
        steps.append([escaped(at), number(begun[0][2]), f"<s>{what}</s>" if is_cancelled else what])
    return steps


def _foot(facts: GameFacts) -> str:
    game = facts.game
    fault = (
        "" if game["tracker_complete"] is not False else f" The event stream is cut: {escaped(game['tracker_fault'])}."
    )
    if game["game_events_fault"]:
        fault += f" Commands are known only to a fault: {escaped(game['game_events_fault'])}."
    if game["sc2_covered_share"] is not None and game["sc2_covered_share"] < 1:
        fault += f" The game was run for {game['sc2_covered_share']:.0%} of it."
    return f"<footer>Replay {escaped(game['replay_id'])}.{fault} Times are at speed {facts.speed}, as the game's own clock. Made by sc2_pipeline.</footer>"
