"""How fast an assistant is answered: python benchmarks/mcp_answers.py HOME [--games 6000].

Starts `sc2-pipeline mcp` over the home and asks every tool by the SDK's client: seconds by the clock, processor seconds of the
server, size of the answer; the start is from the command to the list of tools. With ``--games`` a copy of the home is asked whose
games are repeated under other ids until there are that many.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio
import duckdb
import psutil
from mcp import Client, StdioServerParameters
from repeated_games import repeated

ROUNDS = 5
QUESTIONS = (
    "win_rates",
    "openings",
    "supply_blocks",
    "worker_timings",
    "build_order",
    "trajectories",
    "win_probability",
)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--games", type=int)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.home if arguments.games is None else repeated(arguments.home, Path(folder), arguments.games)
        anyio.run(_print_speed, home)


async def _print_speed(home: Path) -> None:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        [(games,)] = connection.execute("select count(*) from marts.games").fetchall()
        [(longest,)] = connection.execute(
            "select replay_id from marts.games where is_melee order by duration_game_loops desc, replay_id limit 1"
        ).fetchall()
    print(f"{games} games\n{'':<44}{'seconds':>10}{'processor':>12}{'answer':>10}")
    began = time.perf_counter()
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "sc2_pipeline", "mcp", "--home", str(home)], env=dict(os.environ)
    )
    async with Client(server) as client:
        tools = await client.list_tools()
        [process] = psutil.Process().children()
        size = len(json.dumps([tool.model_dump(mode="json") for tool in tools.tools]))
        _print("start to the list of tools", time.perf_counter() - began, _busy(process), size)
        calls: list[tuple[str, dict[str, Any]]] = [
            ("list_questions", {}),
            ("describe_tables", {}),
            ("describe_tables", {"table": "fct_units"}),
            *(("ask_question", {"name": name}) for name in QUESTIONS),
            ("run_sql", {"statement": "select race_actual, avg(army_value) from marts.fct_economy_snapshots inner join"
                " marts.fct_replay_players using (replay_id, player_id) group by race_actual"}),
            ("list_games", {"search": "zerg"}),
            ("list_games", {"options": {"matchup": "PvZ"}, "sort": "length"}),
            ("get_game", {"replay": longest}),
            ("get_build_order", {"replay": longest}),
            ("compare", {"one": longest, "other": longest}),
        ]  # fmt: skip
        for tool, arguments in calls:
            await _print_call(client, process, tool, arguments)
        print(f"{'memory of the server':<44}{process.memory_info().rss / 1e6:>7.0f} MB")


async def _print_call(client: Client, process: psutil.Process, tool: str, arguments: dict[str, Any]) -> None:
    seconds, before = [], _busy(process)
    for _ in range(ROUNDS):
        began = time.perf_counter()
        result = await client.call_tool(tool, arguments)
        seconds.append(time.perf_counter() - began)
    text = result.content[0].text
    said = f"{tool} {' '.join(map(str, arguments.values()))}" + (f" FAILED: {text}" if result.is_error else "")
    _print(said, statistics.median(seconds), (_busy(process) - before) / ROUNDS, len(text))


def _print(what: str, seconds: float, busy: float, size: int) -> None:
    print(f"{what:<44.44}{seconds:>8.2f} s{busy:>10.2f} s{size / 1000:>7.1f} kB")


def _busy(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
