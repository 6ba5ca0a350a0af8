"""How fast the app is, and how far off its playback: python benchmarks/app.py HOME [--games 6000] [--places].

Starts `sc2-pipeline serve` over the home, and prints seconds, and the server's processor time, from the command to the first
page and its games, of lists as they are filtered, and of the longest games' pages; then the server's memory. Then, in headless
Chromium slowed down four times: what a first visit to the longest game loads, and frames a second while its moment is moved.
Then, over a copy of the home: seconds from a new game's file until an open page can list it, by `run --watch` and
`serve --watch`. With ``--games`` all is of a copy whose games are repeated under other ids until there are that many. With ``--places``: of each mobile unit of 1v1s between people one known place is left out, and computed from the others.
"""

import argparse
import gzip
import math
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
from playwright.sync_api import CDPSession, sync_playwright
from repeated_games import repeated

from sc2_pipeline.browsing.playback import UNITS, commands_by_unit, known_places, places_by_unit
from sc2_pipeline.browsing.records import records
from sc2_pipeline.browsing.walking import place, track
from sc2_pipeline.config import Home
from sc2_pipeline.game import game_seconds
from sc2_pipeline.public.published import opened_warehouse
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

ROUNDS = 7
SPEEDS = (3.0, 3.5, 4.0, 5.0)
LEAST_SECONDS = 5.0
FILTERS = ("", "search=z", "matchup=PvZ", "player=a", "opener=pool", "mode=1v1&sort=length", "min_minutes=10")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SLOWDOWN, SCRUB_SECONDS = 4, 5
_FRAMES = """(milliseconds) => new Promise((done) => {
    const slider = document.querySelector(".scrub input"), begun = performance.now();
    let frames = 0;
    %s
    const step = (now) => {
        frames++;
        %s
        if (now - begun > milliseconds) done(1000 * frames / (now - begun)); else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
})"""
SCRUB = _FRAMES % ("", "slider.value = 3 * frames % slider.max; slider.dispatchEvent(new Event('input'));")
PLAY = _FRAMES % ("document.querySelector('.play').click();", "")


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--games", type=int)
    parser.add_argument("--places", action="store_true")
    arguments = parser.parse_args()
    if arguments.places:
        _print_places(arguments.home)
    else:
        with tempfile.TemporaryDirectory() as folder:
            home = (
                arguments.home if arguments.games is None else repeated(arguments.home, Path(folder), arguments.games)
            )
            _print_speed(home)
            _print_watching(home)


def _print_speed(home: Path) -> None:
    with opened_warehouse(Home(home)) as connection:
        longest = [
            row[0]
            for row in connection.execute(
                "select replay_id from marts.games inner join ops.replays using (replay_id)"
                " where is_melee order by duration_game_loops desc limit 3"
            ).fetchall()
        ]
        [(games,)] = connection.execute("select count(*) from marts.games").fetchall()
    print(f"{games} games\n")
    with _served(home) as (address, process, seconds):
        busy = sum(process.cpu_times()[:2])
        print(f"{'':<44}{'seconds':>11}{'processor':>11}{'answer':>11}")
        print(f"{'cold start to the first page and its games':<44}{seconds:>8.2f} s {busy:>8.2f} s")
        _get(f"{address}/static/vega.js")
        for chosen in FILTERS:
            _print_address(address, f"/api/v1/games?{chosen}", process)
        for replay_id in longest:
            for part in ("", "/playback", "/advice"):
                _print_address(address, f"/api/v1/games/{replay_id}{part}", process)
        print(f"{'memory of the server':<44}{process.memory_info().rss / 1e6:>8.0f} MB")
        _print_scrubbing(f"{address}/game/{longest[0]}")


def _print_address(address: str, path: str, process: psutil.Process) -> None:
    before = sum(process.cpu_times()[:2])
    seconds, size = zip(*(_get(address + path) for _ in range(ROUNDS)), strict=True)
    busy = (sum(process.cpu_times()[:2]) - before) / ROUNDS
    print(f"{path:<44.44}{statistics.median(seconds) * 1000:>8.0f} ms{busy * 1000:>8.0f} ms{max(size) / 1000:>8.0f} kB")


def _get(address: str) -> tuple[float, int]:
    """Seconds until an answer is read, and its size as it is sent."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
        seconds = time.perf_counter() - begun
        if answer.headers["content-encoding"] == "gzip":
            gzip.decompress(body)
    return seconds, len(body)


def _print_scrubbing(page_address: str) -> None:
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        print("no browser is installed: nothing is scrubbed")
        return
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]) as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        network = page.context.new_cdp_session(page)
        sizes: list[float] = []
        network.on("Network.loadingFinished", lambda loaded: sizes.append(loaded["encodedDataLength"]))
        network.send("Network.enable")
        page.goto(page_address)
        page.locator(".map-place canvas").wait_for()
        page.locator(".chart canvas").nth(5).wait_for()
        page.wait_for_load_state("networkidle")
        print(f"{'first visit to the longest game':<44}{sum(sizes) / 1e6:>8.2f} MB")
        network.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
        network.send("Performance.enable", {"timeDomain": "threadTicks"})
        for what, script in (("scrubbing", SCRUB), ("playing", PLAY)):
            before = _busy(network)
            frames = page.evaluate(script, SCRUB_SECONDS * 1000)
            busy = (_busy(network) - before) / (frames * SCRUB_SECONDS)
            print(
                f"{what + f', {SLOWDOWN} times slowed down':<44}{frames:>8.0f} frames a second,"
                f" each {busy * 1000:.0f} ms of the page's processor time"
            )


def _busy(session: CDPSession) -> float:
    """Processor seconds that the page's main thread has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(metric["value"]) for metric in metrics if metric["name"] == "TaskDuration")


def _print_watching(home: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        copy, games = shutil.copytree(home, Path(scratch, "home")), Path(scratch, "games")
        games.mkdir()
        program = "from sc2_pipeline.cli.app import main; main()"
        words = ["run", "--watch", str(games), "--home", str(copy), "--filters", "all"]
        with (
            _served(copy, "--watch") as (address, _, _),
            subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.PIPE, text=True) as watching,
            urllib.request.urlopen(f"{address}/api/v1/news", timeout=600) as news,
        ):
            try:
                for number in range(3):
                    script = ladder_game(
                        9_000_000 + number, game_loops=15_000, played_at=datetime(2040, 1, 1 + number, tzinfo=UTC)
                    )
                    before = psutil.Process(watching.pid).cpu_times()
                    write_replay(games / f"{number}.SC2Replay", script)
                    begun = time.perf_counter()
                    next(line for line in news if line.startswith(b"event: published"))
                    _get(f"{address}/api/v1/games?limit=100")
                    seconds, now = time.perf_counter() - begun, psutil.Process(watching.pid).cpu_times()
                    busy = now.user + now.system - before.user - before.system
                    said = "first" if number == 0 else "next"
                    print(f"{f'the {said} game to the open page':<44}{seconds:>8.2f} s {busy:>8.2f} s")
            finally:
                watching.terminate()


@contextmanager
def _served(home: Path, *options: str) -> Iterator[tuple[str, psutil.Process, float]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = "from sc2_pipeline.cli.app import main; main()"
    begun = time.perf_counter()
    command = [sys.executable, "-c", program, "serve", "--home", str(home), "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            while True:
                try:
                    _get(f"{address}/")
                    _get(f"{address}/api/v1/games")
                    break
                except urllib.error.URLError:
                    assert process.poll() is None, "the server ended"
                    time.sleep(0.01)
            yield address, psutil.Process(process.pid), time.perf_counter() - begun
        finally:
            process.terminate()


def _print_places(home: Path) -> None:
    errors: dict[str, list[float]] = defaultdict(list)
    chance = random.Random(1)
    with opened_warehouse(Home(home)) as connection:
        games = connection.execute(
            "select replay_id, duration_game_loops from marts.games where game_mode = '1v1' and not has_ai and duration_seconds > 300"
            " order by replay_id"
        ).fetchall()
        for replay_id, end in games:
            places, commands = places_by_unit(connection, replay_id), commands_by_unit(connection, replay_id)
            for unit in records(connection, UNITS, {"replay": replay_id, "end": end}):
                known = known_places(unit, places[unit["unit_tag"]])
                sent = [(game_seconds(loop), x, y, later) for loop, x, y, later in commands[unit["unit_tag"]]]
                if not unit["is_structure"] and len(known) > 2:
                    _add_errors(errors, known, sent, chance.randrange(1, len(known) - 1))
    print(f"{'assumed':<24}{'places':>8}{'median':>8}   quartiles, in cells")
    for name, cells in errors.items():
        first, median, third = statistics.quantiles(cells, n=4)
        print(f"{name:<24}{len(cells):>8}{median:>8.1f}   {first:.1f} to {third:.1f}")


def _add_errors(
    errors: dict[str, list[float]],
    known: list[tuple[float, float, float]],
    sent: list[tuple[float, float, float, bool]],
    left_out: int,
) -> None:
    """Adds how far the place that is left out is from where each way of guessing has it."""
    at, x, y = known[left_out]
    others = known[:left_out] + known[left_out + 1 :]
    if at - known[left_out - 1][0] < LEAST_SECONDS:
        return
    guesses = {
        "stays": known[left_out - 1][1:],
        "straight to the next": place([(*point, True) for point in others], at),
    }
    for speed in SPEEDS:
        guesses[f"walks, {speed:g} cells a second"] = place(track(others, sent, math.inf, cells_per_second=speed), at)
    for name, guess in guesses.items():
        assert guess is not None
        errors[name].append(math.hypot(guess[0] - x, guess[1] - y))


if __name__ == "__main__":
    main()
