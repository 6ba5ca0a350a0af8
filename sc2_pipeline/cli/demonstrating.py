"""The command ``demo``: synthetic replays to a warehouse of their own, and what can be asked of it."""

from pathlib import Path
from typing import Annotated

import typer

from sc2_pipeline.cli.examples import EXAMPLES
from sc2_pipeline.cli.funnel import funnel_lines
from sc2_pipeline.cli.interruption import stopping_cleanly
from sc2_pipeline.cli.options import WorkersOption, command_line, run_settings
from sc2_pipeline.cli.reporting import write_page
from sc2_pipeline.cli.running import leave_as, run_watched
from sc2_pipeline.cli.terminal import err, out, print_lines, shown
from sc2_pipeline.config import Home

DEMO_HOME = Path("sc2_demo_home")
"""Not the usual home: made-up games must not mix with anybody's own."""

DEMO_SEED = 2026
DEMO_GAME_LOOPS = (6_000, 16_000)
"""4:28 to 11:54: long enough for an economy, short enough to be written quickly."""


def demo(
    home: Annotated[Path, typer.Option(help="Folder of everything made; made-up replays lie in it too.")] = DEMO_HOME,
    replays: Annotated[int, typer.Option(min=1, help="Replays written.")] = 40,
    workers: WorkersOption = None,
) -> None:
    """Write made-up replays, take them to a warehouse, and ask it three questions."""
    settings = run_settings(home=home, workers=workers)
    folder = home / "demo_replays"
    with stopping_cleanly() as stop:
        _write_replays(folder, replays)
        report = run_watched([folder], settings, command="demo")
    print_lines(out(), ["Made-up replays, from files to tables:", *(f"  {line}" for line in funnel_lines(report))])
    leave_as(report, [folder], stop.exit_code)
    _ask(home)
    page = write_page(Home(home), None, None)
    print_lines(out(), ["", f"A report to look at: {shown(page)}"])
    print_lines(out(), ["", "Next:", *(f"  {line}" for line in _next_steps(home))])


def _write_replays(folder: Path, replays: int) -> None:
    from sc2_pipeline.synthetic import collection  # noqa: PLC0415 - `--help` need not wait for it

    print_lines(err(), [f"writing {replays} made-up replays to {shown(folder)}"])
    folder.mkdir(parents=True, exist_ok=True)
    collection(folder, replays, DEMO_SEED, game_loops=DEMO_GAME_LOOPS)


def _ask(home: Path) -> None:
    from sc2_pipeline.cli.asking import print_result  # noqa: PLC0415
    from sc2_pipeline.cli.published import opened_warehouse  # noqa: PLC0415

    with opened_warehouse(Home(home)) as connection:
        for example in EXAMPLES:
            print_lines(out(), ["", example.question], style="bold")
            print_lines(out(), [f"  {line}" for line in example.sql.splitlines()], style="dim")
            print_lines(out(), [""])
            print_result(connection, example.sql, limit=0)


def _next_steps(home: Path) -> list[str]:
    return [
        f"{command_line('sql', 'from marts.dim_replays limit 5', home=home)}  (ask more)",
        f"{command_line('ask', home=home)}  (66 ready-made questions)",
        f"{command_line('tables', home=home)}  (what there is to ask)",
        f"{command_line('status', home=home)}  (what became of every replay)",
        "sc2-pipeline run FOLDER  (your own replays)",
    ]
