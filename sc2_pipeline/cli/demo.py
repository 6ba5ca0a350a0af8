"""The command ``demo``: loads synthetic replays into a warehouse of their own and queries it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from sc2_pipeline.cli.examples import EXAMPLES
from sc2_pipeline.cli.funnel import funnel_lines
from sc2_pipeline.cli.options import WorkersOption, command_line
from sc2_pipeline.cli.report import write_collection
from sc2_pipeline.cli.run import leave_as, run_watched
from sc2_pipeline.cli.terminal import err, out, print_lines, shown
from sc2_pipeline.config import Home, read_settings
from sc2_pipeline.errors import MachineError, SettingsError

DEMO_HOME = Path("sc2_demo_home")
"""Separate from the default home: synthetic games must not mix with real ones."""

DEMO_SEED = 2026
DEMO_GAME_LOOPS = (6_000, 16_000)
"""4:28 to 11:54: long enough for an economy, short enough to be written quickly."""


REPLAYS = 40
STAND_IN_REPLAYS = 6
STAND_IN_STEP_MUL = 16
"""The stand-in runs some thousand game loops a second, as the game does."""

_STAND_IN_NOTE = (
    "These replays ran through a stand-in for the game: a program that speaks its API and plays back the replays' own",
    "events. It shows that the path works; positions between events, health, orders and economy between samples are",
    "its guesses. With the game itself they are the truth: see docs/with_the_game.md.",
)


def demo(
    home: Annotated[Path, typer.Option(help="Folder of everything made; made-up replays lie in it too.")] = DEMO_HOME,
    replays: Annotated[
        int | None, typer.Option(min=1, help="Replays written. (default: 40; 6 for the source sc2)", show_default=False)
    ] = None,
    workers: WorkersOption = None,
    source: Annotated[
        str, typer.Option(help="tracker, or sc2 to run them through a stand-in for the game, which is no game.")
    ] = "tracker",
) -> None:
    """Write made-up replays, load them into a warehouse, and ask it three questions."""
    if source not in ("tracker", "sc2"):
        raise SettingsError(f"--source {source} is no source of the demo; give tracker or sc2")
    is_stand_in = source == "sc2"
    replays = replays or (STAND_IN_REPLAYS if is_stand_in else REPLAYS)
    step_mul = STAND_IN_STEP_MUL if is_stand_in else None
    settings = read_settings(
        {"home": home, "workers": workers, "source": source, "filters": "all", "step_mul": step_mul}
    )
    folder = home / "demo_replays"
    with _stand_in(home) if is_stand_in else nullcontext():
        _write_replays(folder, replays)
        report = run_watched([folder], settings, command="demo")
    print_lines(out(), ["Made-up replays, from files to tables:", *(f"  {line}" for line in funnel_lines(report))])
    leave_as(report, [folder])
    if not (report.loaded or report.already_loaded):
        raise MachineError(
            f"none of the demo's replays was loaded, which is no fault of theirs; `{command_line('rejects', home=home)}` "
            "says why, and `sc2-pipeline doctor` looks over this machine"
        )
    _ask(home)
    page, _ = write_collection(Home(home), None)
    print_lines(out(), ["", f"A report to look at: {shown(page)}"])
    if is_stand_in:
        print_lines(out(), ["", *_STAND_IN_NOTE])
    print_lines(out(), ["", "Next:", *(f"  {line}" for line in _next_steps(home))])


@contextmanager
def _stand_in(home: Path) -> Iterator[None]:
    """In the block, the stand-in is used as this machine's installed game."""
    from sc2_pipeline_demo.stand_in.placing import install  # noqa: PLC0415
    from sc2_pipeline_demo.synthetic.population import BUILDS  # noqa: PLC0415

    print_lines(err(), ["the game is played by a stand-in: no StarCraft II is run"])
    before = os.environ.get("SC2PATH")
    os.environ["SC2PATH"] = str(install((home / "stand_in").absolute(), BUILDS))
    try:
        yield
    finally:
        if before is None:
            del os.environ["SC2PATH"]
        else:
            os.environ["SC2PATH"] = before


def _write_replays(folder: Path, replays: int) -> None:
    from sc2_pipeline_demo.synthetic import collection  # noqa: PLC0415 - `--help` need not wait for it

    print_lines(err(), [f"writing {replays} made-up replays to {shown(folder)}"])
    folder.mkdir(parents=True, exist_ok=True)
    collection(folder, replays, DEMO_SEED, game_loops=DEMO_GAME_LOOPS)


def _ask(home: Path) -> None:
    from sc2_pipeline.cli.sql import print_result  # noqa: PLC0415
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415

    with opened_warehouse(Home(home)) as connection:
        for example in EXAMPLES:
            print_lines(out(), ["", example.question], style="bold")
            print_lines(out(), [f"  {line}" for line in example.sql.splitlines()], style="dim")
            print_lines(out(), [""])
            print_result(connection, example.sql, limit=0)


def _next_steps(home: Path) -> list[str]:
    return [
        f"{command_line('sql', 'from marts.dim_replays limit 5', home=home)}  (ask more)",
        f"{command_line('ask', home=home)}  (ready-made questions)",
        f"{command_line('tables', home=home)}  (what there is to ask)",
        f"{command_line('status', home=home)}  (what became of every replay)",
        "sc2-pipeline run FOLDER  (your own replays)",
    ]
